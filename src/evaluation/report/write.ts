/** @file Writing a report: `report.md`, `report.json` and `report.html`. */
import { join } from 'node:path';
import type { Quarantined } from '../../data/dataset.ts';
import { writeAtomically } from '../../files/atomic.ts';
import { type Example, type Examples, pickExamples } from '../examples.ts';
import type { Evaluation } from '../protocols.ts';
import type { Relation } from '../relation.ts';
import type { EvaluationResult } from '../result.ts';
import type { ScoreSource } from '../scores.ts';
import { rankHistogram, recallCurves } from './curves.ts';
import { exampleSections } from './example-cards.ts';
import { markdown } from './markdown.ts';
import { page } from './page.ts';
import { thumbnails } from './pictures.ts';

/** What a report is made from. */
export interface ReportInput {
  readonly title: string;
  readonly evaluation: Evaluation;
  readonly source: ScoreSource;
  readonly relation: Relation;
  /** Text of each caption of the relation. */
  readonly captions: readonly string[];
  /** Path of each picture of the relation, where there is one. */
  readonly pictures: readonly (string | undefined)[];
  /** The result to print, where something joined it after the ranks (judgements, times, the test run). */
  readonly result?: EvaluationResult;
}

export interface WrittenReport {
  readonly markdown: string;
  readonly json: string;
  readonly html: string;
  /** Pictures that could not be shown. */
  readonly quarantined: readonly Quarantined[];
}

/**
 * Writes the three files of a report into a folder, each atomically.
 *
 * @returns their paths
 * @throws DIPTYCH_FILE_UNWRITABLE
 */
export async function writeReport(folder: string, input: ReportInput): Promise<WrittenReport> {
  const { title, evaluation, source, relation, captions, pictures } = input;
  const result = input.result ?? evaluation.result;
  const rule = result.ties.rule;
  const curves = recallCurves(evaluation.ranks, rule);
  const histogram = rankHistogram(evaluation.ranks, rule);
  const examples = await pickExamples(source, relation, evaluation.ranks, rule);
  const pathsShown = [...imagesShown(examples)].flatMap((image) => pictures[image] ?? []);
  const { byPath, quarantined } = await thumbnails(pathsShown);
  const album = { relation, captions, thumbnail: (image: number) => byPath.get(pictures[image] ?? '') };
  const paths = {
    markdown: join(folder, 'report.md'),
    json: join(folder, 'report.json'),
    html: join(folder, 'report.html'),
  };
  const data = { title, ...result, curves, histogram, examples: named(examples, input) };
  await writeAtomically(paths.markdown, markdown(title, result, examples, relation, captions));
  await writeAtomically(paths.json, `${JSON.stringify(data, null, 2)}\n`);
  await writeAtomically(
    paths.html,
    page({ title, result, curves, histogram, examples: exampleSections(examples, album) }),
  );
  return { ...paths, quarantined };
}

function imagesShown({ best, worst }: Examples): Set<number> {
  const shown = ({ direction, image, retrieved }: Example): number[] =>
    direction === 'imageToText' ? [image] : [image, ...retrieved.map(({ item }) => item)];
  return new Set([...best, ...worst].flatMap(shown));
}

/** Examples by ids, for programs: captions with their text, pictures with their path where there is one. */
function named({ best, worst }: Examples, { relation, captions, pictures }: ReportInput) {
  const image = (row: number) => ({ id: relation.imageIds[row], ...(pictures[row] && { path: pictures[row] }) });
  const caption = (row: number) => ({ id: relation.captionIds[row], text: captions[row] });
  const name = ({ direction, query, image: asked, rank, score, margin, retrieved }: Example) => {
    const [asking, found] = direction === 'imageToText' ? [image, caption] : [caption, image];
    return {
      direction,
      query: asking(query),
      image: image(asked),
      rank,
      score,
      margin: Number.isFinite(margin) ? margin : null,
      retrieved: retrieved.map(({ item, score, own }) => ({ ...found(item), score, own })),
    };
  };
  return { best: best.map(name), worst: worst.map(name) };
}
