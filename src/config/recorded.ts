/** @file The record of a run (`run.json`) as a configuration file, so that a run can be repeated from it. */
import { isObject } from '../files/object.ts';

/**
 * The values that a file holds: all of a configuration file; of the record of a run its configuration, without the group that
 * says where that run was written and how it was taken up. Every value is in the record, so no preset is needed beneath.
 */
export function valuesIn(content: Record<string, unknown>): Record<string, unknown> {
  if (!isObject(content.configuration) || !Array.isArray(content.sessions)) return content;
  const { run: _, ...values } = content.configuration;
  return values;
}
