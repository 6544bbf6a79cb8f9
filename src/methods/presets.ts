/** @file The presets of `train`, of all methods. */
import { vsePresets } from './vse/presets.ts';

export const trainingPresets = vsePresets;
