/** @file The presets of `train`, of all methods. */
import { definePresets } from '../config/presets.ts';
import { bclsPresets } from './bcls/presets.ts';
import { coderPresets } from './coder/presets.ts';
import { headsPresets } from './heads/presets.ts';
import { hremPresets } from './hrem/presets.ts';
import { iccPresets } from './icc/presets.ts';
import { type TrainingMembers, trainingSchema } from './schema.ts';
import { vsePresets } from './vse/presets.ts';

export const trainingPresets = definePresets<TrainingMembers>(trainingSchema, [
  ...headsPresets,
  ...vsePresets,
  ...hremPresets,
  ...coderPresets,
  ...bclsPresets,
  ...iccPresets,
]);
