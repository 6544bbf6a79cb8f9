/** @file The one registry of error codes: every coded error of Diptych is a row of a table gathered here. */

import { bclsErrors } from './bcls.ts';
import { bundleErrors } from './bundle.ts';
import { cliErrors } from './cli.ts';
import { coderErrors } from './coder.ts';
import { configErrors } from './config.ts';
import { dataErrors } from './data.ts';
import { demoErrors } from './demo.ts';
import { evaluationErrors } from './evaluation.ts';
import { fileErrors } from './files.ts';
import { graphErrors } from './graph.ts';
import { headErrors } from './heads.ts';
import { hremErrors } from './hrem.ts';
import { imageErrors } from './images.ts';
import { indexErrors } from './index.ts';
import { nnErrors } from './nn.ts';
import { pretrainedErrors } from './pretrained.ts';
import { roundErrors } from './rounds.ts';
import { runErrors } from './runs.ts';
import { serverErrors } from './server.ts';
import { servingErrors } from './serving.ts';
import { tokenErrors } from './tokens.ts';
import { trainedErrors } from './trained.ts';
import { trainingErrors } from './training.ts';
import { wordnetErrors } from './wordnet.ts';

export const registry = {
  ...bundleErrors,
  ...demoErrors,
  ...evaluationErrors,
  ...bclsErrors,
  ...cliErrors,
  ...coderErrors,
  ...configErrors,
  ...dataErrors,
  ...fileErrors,
  ...imageErrors,
  ...graphErrors,
  ...headErrors,
  ...hremErrors,
  ...indexErrors,
  ...nnErrors,
  ...pretrainedErrors,
  ...roundErrors,
  ...runErrors,
  ...servingErrors,
  ...serverErrors,
  ...tokenErrors,
  ...trainedErrors,
  ...trainingErrors,
  ...wordnetErrors,
} as const;

/** A stable error code, `DIPTYCH_…`. */
export type ErrorCode = keyof typeof registry;

/** The fields that the message of a code reads. */
export type FieldsOf<C extends ErrorCode> = Parameters<(typeof registry)[C]['message']>[0];
