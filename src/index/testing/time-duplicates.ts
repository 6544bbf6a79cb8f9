/** @file Times the search for near-duplicates: `npx tsx src/index/testing/time-duplicates.ts [rows] [dimension]`. */
import { Random } from '../../random/random.ts';
import { Nearby } from '../duplicates/nearby.ts';

const [rows = 100_000, dimension = 512] = process.argv.slice(2).map(Number);
const CLUSTERS = 300;
const THRESHOLD = 0.97;

/** Unit vectors around centres around a mean; later directions count for less, as in real embeddings. */
function clustered(): Float32Array {
  const random = new Random('duplicates');
  const draw = (): Float64Array =>
    Float64Array.from({ length: dimension }, (_, i) => random.normal() / Math.sqrt(1 + i / 8));
  const mean = draw();
  const centres = Array.from({ length: CLUSTERS }, draw);
  const vectors = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) {
    const centre = centres[random.integer(CLUSTERS)];
    const own = draw().map((x, i) => mean[i] + centre[i] + 0.8 * x);
    const length = Math.sqrt(own.reduce((sum, x) => sum + x * x, 0));
    vectors.set(
      own.map((x) => x / length),
      row * dimension,
    );
  }
  return vectors;
}

const vectors = clustered();
const began = performance.now();
const nearby = new Nearby(vectors, dimension);
const built = performance.now();
let found = 0;
for (let row = 0; row < rows; row++) {
  if (nearby.best(row, THRESHOLD) === undefined) nearby.add(row);
  else found++;
}
const seconds = (from: number, to: number): string => ((to - from) / 1000).toFixed(1);
process.stdout.write(
  `${rows} x ${dimension}: prepared in ${seconds(began, built)} s, compared in ${seconds(built, performance.now())} s, ${found} alike\n`,
);
