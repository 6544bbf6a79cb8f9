/** @file Loads one native package and says what it is like; a process of its own, so that a crash harms nobody. */

/** What a package tells of itself: its version, and for ONNX Runtime why a device cannot be used. */
export interface Probed {
  readonly version: string;
  readonly devices?: Readonly<Record<string, string | null>>;
}

/** The smallest model there is: y = |x| for one float. */
const model = 'CAg6MgoLCgF4EgF5IgNBYnMSAWdaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgIQDQ==';

/** How each native package is proved to work. */
const probes: Readonly<Record<string, () => Promise<Probed>>> = {
  async 'onnxruntime-node'() {
    const { env, InferenceSession, Tensor } = await import('onnxruntime-node');
    const devices: Record<string, string | null> = {};
    for (const device of ['cpu', 'webgpu', 'cuda']) {
      try {
        const session = await InferenceSession.create(Buffer.from(model, 'base64'), { executionProviders: [device] });
        const { y } = await session.run({ x: new Tensor('float32', [-2], [1]) });
        await session.release();
        devices[device] = y.data[0] === 2 ? null : `wrong result: |-2| = ${y.data[0]}`;
      } catch (error) {
        devices[device] = (error as Error).message;
      }
    }
    return { version: env.versions.node ?? env.versions.common, devices };
  },
  async sharp() {
    const { default: sharp } = await import('sharp');
    const pixel = { width: 1, height: 1, channels: 3, background: '#102030' } as const;
    const png = await sharp({ create: pixel }).png().toBuffer();
    const [red] = await sharp(png).raw().toBuffer();
    if (red !== 0x10) throw new Error('a picture did not survive being written and read');
    return { version: `${sharp.versions.sharp} with libvips ${sharp.versions.vips}` };
  },
  async '@node-rs/crc32'() {
    const { crc32c } = await import('@node-rs/crc32');
    if (crc32c('123456789') !== 0xe3069283) throw new Error('the check value of CRC-32C is wrong');
    return { version: 'CRC-32C' };
  },
};

process.stdout.write(JSON.stringify(await probes[process.argv[2]]()));
