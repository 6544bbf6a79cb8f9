/** @file The JSON Schema of a configuration file, for editors and other programs. */
import { z } from 'zod';
import type { Members } from './option.ts';
import type { Schema } from './schema.ts';

/**
 * JSON Schema (draft 2020-12) of the configuration file of a schema. Every key may be left out, none may be added.
 *
 * @param presets names that `preset` may take
 */
export function jsonSchemaOf(schema: Schema, presets: readonly string[] = []): Record<string, unknown> {
  const preset = presets.length > 0 ? { preset: z.enum(presets).optional().describe('the preset to start from') } : {};
  return z.toJSONSchema(z.strictObject({ ...preset, ...shapeOf(schema.members) }), { io: 'input' });
}

function shapeOf(members: Members): Record<string, z.ZodType> {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, member] of Object.entries(members)) {
    shape[name] =
      member.node === 'group'
        ? z.strictObject(shapeOf(member.members)).optional().describe(member.help)
        : member.type.optional().meta({
            description: member.help,
            ...(member.default !== undefined && { default: member.default }),
          });
  }
  return shape;
}
