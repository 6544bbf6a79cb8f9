/** @file The shapes of the demo as signed distances: negative inside, in units of the shape's radius, y downwards. */

/** Distance from (x, y) to the outline of a shape of radius 1 around the origin. */
type SignedDistance = (x: number, y: number) => number;

type Point = readonly [number, number];

// Only + - × ÷ and square roots, which every machine rounds alike: a seed gives the same picture, bit for bit, anywhere.

const length = (x: number, y: number) => Math.sqrt(x * x + y * y);

const disc =
  (radius: number, centreX = 0, centreY = 0): SignedDistance =>
  (x, y) =>
    length(x - centreX, y - centreY) - radius;

const box =
  (halfWidth: number, halfHeight: number): SignedDistance =>
  (x, y) => {
    const dx = Math.abs(x) - halfWidth;
    const dy = Math.abs(y) - halfHeight;
    return length(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0);
  };

const turnedBy45 =
  (distance: SignedDistance): SignedDistance =>
  (x, y) =>
    distance((x + y) * Math.SQRT1_2, (y - x) * Math.SQRT1_2);

const union =
  (...parts: readonly SignedDistance[]): SignedDistance =>
  (x, y) =>
    parts.reduce((nearest, part) => Math.min(nearest, part(x, y)), Number.POSITIVE_INFINITY);

const shifted =
  (distance: SignedDistance, dx: number, dy: number): SignedDistance =>
  (x, y) =>
    distance(x - dx, y - dy);

/** Distance to the nearest edge, negative if a ray to the right crosses the outline an odd number of times. */
const polygon =
  (corners: readonly Point[]): SignedDistance =>
  (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    let isInside = false;
    for (let i = 0; i < corners.length; i++) {
      const [ax, ay] = corners[i];
      const [bx, by] = corners[(i + 1) % corners.length];
      const [ex, ey, px, py] = [bx - ax, by - ay, x - ax, y - ay];
      const along = Math.min(1, Math.max(0, (px * ex + py * ey) / (ex * ex + ey * ey)));
      nearest = Math.min(nearest, length(px - along * ex, py - along * ey));
      if (ay > y !== by > y && px < (py / ey) * ex) isInside = !isInside;
    }
    return isInside ? -nearest : nearest;
  };

/** Sine and cosine of 72° and 36°: the directions of a star's points. */
const [SIN_72, COS_72, SIN_36, COS_36] = [0.9510565163, 0.3090169944, 0.5877852523, 0.8090169944];

/** Directions of the ten corners of a five-pointed star, the first point upwards. */
const starDirections: readonly Point[] = [
  [0, -1],
  [SIN_36, -COS_36],
  [SIN_72, -COS_72],
  [SIN_72, COS_72],
  [SIN_36, COS_36],
  [0, 1],
  [-SIN_36, COS_36],
  [-SIN_72, COS_72],
  [-SIN_72, -COS_72],
  [-SIN_36, -COS_36],
];

function star(outer: number, inner: number): SignedDistance {
  return polygon(starDirections.map(([x, y], i) => (i % 2 === 0 ? [x * outer, y * outer] : [x * inner, y * inner])));
}

/** Two discs on the upper edges of a square that stands on its corner. */
function heart(half: number): SignedDistance {
  const middle = half * Math.SQRT1_2;
  return union(turnedBy45(box(half, half)), disc(half, middle, -middle), disc(half, -middle, -middle));
}

const crescent =
  (whole: SignedDistance, bite: SignedDistance): SignedDistance =>
  (x, y) =>
    Math.max(whole(x, y), -bite(x, y));

/** Scaled so that all look about equally large. */
export const shapes = {
  circle: disc(1),
  square: box(0.87, 0.87),
  triangle: polygon([
    [0, -1.08],
    [1.06, 0.8],
    [-1.06, 0.8],
  ]),
  star: shifted(star(1.2, 0.52), 0, 0.08),
  ring: (x, y) => Math.abs(length(x, y) - 0.81) - 0.2,
  cross: union(box(1, 0.34), box(0.34, 1)),
  diamond: turnedBy45(box(0.8, 0.8)),
  heart: shifted(heart(0.6), 0, 0.1),
  moon: shifted(crescent(disc(1.05), disc(0.88, 0.5, -0.12)), 0.18, 0),
} as const satisfies Record<string, SignedDistance>;

export type Shape = keyof typeof shapes;
export const shapeNames = Object.keys(shapes) as readonly Shape[];

/** Shapes with room for another one inside; the ring by its hole. */
export const containers: readonly Shape[] = ['circle', 'square', 'diamond', 'ring'];
