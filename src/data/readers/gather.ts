/** @file Where readers put images and captions: ids stay unique, bad records are set aside with file, line and reason. */
import type { z } from 'zod';
import { describeProblems } from '../../files/json.ts';
import type { Caption, ImageRecord, Quarantined, QuarantineKind, Split } from '../dataset.ts';

/** Where a record stands. */
export interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number;
}

/** An image while its captions are gathered. */
export interface Draft {
  readonly id: string;
  readonly path?: string | undefined;
  readonly row?: number | undefined;
  readonly features?: string | undefined;
  readonly split: Split;
  readonly metadata: Record<string, string | number | boolean>;
  readonly place: Place;
  readonly captions: Caption[];
  /** Captions met so far, bad ones included, so that `IMAGE#k` is the position in the file. */
  met: number;
}

/** What a reader knows of an image before its captions. */
export type NewImage = Pick<Draft, 'id' | 'path' | 'row' | 'features' | 'split'> & {
  readonly metadata?: Draft['metadata'];
};

export class Gatherer {
  readonly #drafts = new Map<string, Draft>();
  readonly #captionIds = new Set<string>();
  readonly #quarantined: Quarantined[] = [];

  /** Sets a record aside. */
  quarantine(place: Place, kind: QuarantineKind, reason: string, id?: string): void {
    this.#quarantined.push({ ...place, ...(id === undefined ? {} : { id }), kind, reason });
  }

  /** The values of a list in a JSON file, read by a schema; those that are not as they must be are set aside with their place. */
  *wellFormed<S extends z.ZodType>(
    file: string,
    list: string,
    values: readonly unknown[],
    schema: S,
  ): Generator<z.output<S>, void> {
    for (const [position, value] of values.entries()) {
      const { success, data, error } = schema.safeParse(value);
      if (success) yield data;
      else this.quarantine({ file }, 'malformed', `${list}[${position}]: ${describeProblems(error).join('; ')}`);
    }
  }

  /** The image of an id, if it has been added. */
  find(id: string): Draft | undefined {
    return this.#drafts.get(id);
  }

  /** Adds an image, or sets it aside if its id is empty or taken and returns undefined. */
  addImage({ metadata = {}, ...image }: NewImage, place: Place): Draft | undefined {
    if (image.id === '') {
      this.quarantine(place, 'no-id', 'an image without an id');
      return undefined;
    }
    const taken = this.#drafts.get(image.id);
    if (taken !== undefined) {
      this.refuseRepeated(taken, image.split, place);
      return undefined;
    }
    const draft: Draft = { ...image, metadata, place, captions: [], met: 0 };
    this.#drafts.set(image.id, draft);
    return draft;
  }

  /** Sets aside an image whose id is taken, by an image of another split perhaps. */
  refuseRepeated(taken: Draft, split: Split, place: Place): void {
    const where = `${taken.place.line === undefined ? '' : `line ${taken.place.line} of `}${taken.place.file}`;
    if (taken.split === split) {
      this.quarantine(place, 'repeated-id', `the id is taken by ${where}`, taken.id);
    } else {
      const reason = `in ${split} here, in ${taken.split} by ${where}`;
      this.#quarantined.push({ ...place, id: taken.id, kind: 'other-split', split, reason });
    }
  }

  /**
   * Adds a caption to an image, or sets it aside if it is empty or its id is taken.
   *
   * @param text undefined if its bytes were not UTF-8
   * @param id `IMAGE#k` unless given, k counting from 0
   */
  addCaption(image: Draft, text: string | undefined, place: Place, id = `${image.id}#${image.met}`): void {
    image.met += 1;
    const trimmed = text?.trim();
    if (trimmed === undefined) this.quarantine(place, 'encoding', 'not UTF-8', id);
    else if (trimmed === '') this.quarantine(place, 'empty-caption', 'an empty caption', id);
    else if (this.#captionIds.has(id)) this.quarantine(place, 'repeated-id', 'the caption id is taken', id);
    else {
      this.#captionIds.add(id);
      image.captions.push({ id, text: trimmed });
    }
  }

  /** The images that have captions, in the order they came; those without are set aside. */
  finish(): { images: ImageRecord[]; quarantined: Quarantined[] } {
    const images: ImageRecord[] = [];
    for (const { id, path, row, features, split, metadata, captions, place } of this.#drafts.values()) {
      if (captions.length === 0) {
        this.quarantine(place, 'no-caption', 'an image without a caption', id);
        continue;
      }
      images.push({
        id,
        ...(path === undefined ? {} : { path }),
        ...(row === undefined ? {} : { row }),
        ...(features === undefined ? {} : { features }),
        split,
        captions,
        metadata,
      });
    }
    return { images, quarantined: this.#quarantined };
  }
}
