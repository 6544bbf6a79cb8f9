/**
 * @file Vectors that lie as the embeddings of pictures do: in a cone, in clusters of very different sizes, with few strong
 * directions and many weak ones.
 *
 *     x = mean + centre(j) + 0.6 noise, scaled to unit length
 *
 * The mean has length 0.5 times that of a centre. Centres and noise are normal with standard deviation i^-0.5 along
 * direction i, which decays as the spectra of image encoders do. Cluster j of C holds a share proportional to 1 / (j + 10).
 */
import { Random } from '../../src/random/random.ts';

const NOISE = 0.6;
const MEAN = 0.5;

export class Clustered {
  private readonly dimension: number;
  private readonly scale: Float64Array;
  private readonly mean: Float64Array;
  private readonly centres: Float64Array[];
  /** Cumulative shares of the clusters. */
  private readonly shares: Float64Array;

  constructor(dimension: number, clusters: number) {
    this.dimension = dimension;
    this.scale = Float64Array.from({ length: dimension }, (_, i) => (i + 1) ** -0.5);
    const random = new Random('clusters');
    const draw = (by: number) => this.scale.map((scale) => by * scale * random.normal());
    this.mean = draw(MEAN);
    this.centres = Array.from({ length: clusters }, () => draw(1));
    this.shares = new Float64Array(clusters);
    let sum = 0;
    for (let j = 0; j < clusters; j++) {
      sum += 1 / (j + 10);
      this.shares[j] = sum;
    }
  }

  /** So many vectors, row-major, the same for the same name. */
  vectors(name: string, count: number): Float32Array {
    const { dimension, scale, mean } = this;
    const random = new Random('vectors', name);
    const out = new Float32Array(count * dimension);
    for (let row = 0; row < count; row++) {
      const centre = this.centres[this.drawn(random.uniform())];
      let square = 0;
      for (let i = 0; i < dimension; i++) {
        const x = mean[i] + centre[i] + NOISE * scale[i] * random.normal();
        out[row * dimension + i] = x;
        square += x * x;
      }
      const length = Math.sqrt(square);
      for (let i = 0; i < dimension; i++) out[row * dimension + i] /= length;
    }
    return out;
  }

  private drawn(uniform: number): number {
    const wanted = uniform * this.shares[this.shares.length - 1];
    let [low, high] = [0, this.shares.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.shares[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
