/** @file The kernels of resampling: how much a source pixel weighs at a distance, in pixels of the coarser grid. */

export const resampleFilters = ['bilinear', 'bicubic', 'lanczos'] as const;
export type ResampleFilter = (typeof resampleFilters)[number];

interface Kernel {
  /** The weight is zero from this distance on. */
  readonly support: number;
  readonly weight: (x: number) => number;
}

/** The free parameter of the cubic family; -1/2 reproduces quadratics (Keys 1981). */
const A = -0.5;

function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return ((A + 2) * t - (A + 3)) * t * t + 1;
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * A;
  return 0;
}

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = x * Math.PI;
  return Math.sin(angle) / angle;
}

export const kernels: Readonly<Record<ResampleFilter, Kernel>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: cubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};
