/** @file The written form of a type: its placeholder in `--help`, its description, and how text becomes a value. */
import { z } from 'zod';

/** What is read of the JSON Schema of a type: one description of it serves help, pages and parsing. */
interface Form {
  readonly type: string;
  readonly nullable: boolean;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  /** Of an array: the form of each item, or of every item. */
  readonly items: readonly Form[] | Form | undefined;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** The keys of JSON Schema that are read here. */
interface Json extends Omit<Form, 'type' | 'nullable' | 'items'> {
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Json[];
  readonly items?: Json | false;
  readonly prefixItems?: readonly Json[];
}

/** A path of a file or folder; relative ones are read from the folder the command runs in. */
export const path = z.string().min(1).meta({ format: 'path' });

const forms = new WeakMap<z.ZodType, Form>();

function formOf(type: z.ZodType): Form {
  const known = forms.get(type);
  if (known) return known;
  const form = readSchema(z.toJSONSchema(type, { io: 'input' }) as Json);
  forms.set(type, form);
  return form;
}

function readSchema({ anyOf, prefixItems, items, type, ...rest }: Json): Form {
  if (anyOf) {
    const parts = anyOf.filter((part) => part.type !== 'null');
    if (parts.length !== 1) throw new Error('an option has one type, or one type and null');
    return { ...readSchema(parts[0]), nullable: parts.length < anyOf.length };
  }
  const types = [type ?? 'object'].flat();
  return {
    ...rest,
    type: types.find((name) => name !== 'null') ?? 'null',
    nullable: types.includes('null'),
    items: prefixItems ? prefixItems.map(readSchema) : items ? readSchema(items) : undefined,
  };
}

/** `<integer>`, `grid|pixels`, `<number,…>`: what stands after a flag in `--help`. Empty for a switch. */
export function placeholder(type: z.ZodType): string {
  return placeholderOf(formOf(type));
}

function placeholderOf(form: Form): string {
  if (form.enum) return `<${form.enum.join('|')}>`;
  if (form.type === 'boolean') return '';
  if (form.type === 'array' && isList(form)) return `<${plain([form.items!].flat()[0])},…>`;
  return form.type === 'array' || form.type === 'object' ? '<json>' : `<${plain(form)}>`;
}

/** Whether the option is a switch, `--name` and `--no-name`. */
export function isSwitch(type: z.ZodType): boolean {
  return formOf(type).type === 'boolean';
}

/** Whether the option names a file or folder. */
export function isPath(type: z.ZodType): boolean {
  return formOf(type).format === 'path';
}

/** In words: `integer, at least 1`, `one of gpo, mean`, `number, from 0 to 1, or none`. */
export function describe(type: z.ZodType): string {
  return describeForm(formOf(type));
}

function describeForm(form: Form): string {
  return `${describeValue(form)}${form.nullable ? ', or none' : ''}`;
}

function describeValue(form: Form): string {
  if (form.enum) return `one of ${form.enum.join(', ')}`;
  if (form.type === 'boolean') return 'true or false';
  if (form.type === 'object') return 'JSON object';
  if (form.type !== 'array') return [plain(form), ...bounds(form)].join(', ');
  if (!isList(form)) return 'JSON list of objects';
  return Array.isArray(form.items)
    ? `${form.items.length} values with commas between, each ${describeForm(form.items[0])}`
    : `list with commas, of ${describeForm(form.items as Form)}`;
}

function plain({ type, format }: Form): string {
  return format ?? (type === 'string' ? 'text' : type);
}

function bounds(form: Form): string[] {
  const told: string[] = [];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = form;
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) told.push(`at least ${minimum}`);
  if (exclusiveMinimum !== undefined) told.push(`above ${exclusiveMinimum}`);
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) told.push(`at most ${maximum}`);
  if (exclusiveMaximum !== undefined) told.push(`below ${exclusiveMaximum}`);
  return told;
}

/** Whether an array can be written with commas: its items are not objects or arrays themselves. */
function isList({ items }: Form): boolean {
  return items !== undefined && [items].flat().every(({ type }) => type !== 'object' && type !== 'array');
}

/**
 * What the text of a flag or a variable says, still to be checked against the type: text that does not have the form
 * of the type comes back as it is, so that the check names it.
 */
export function valueOfText(type: z.ZodType, text: string): unknown {
  return readForm(formOf(type), text);
}

const numeral = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const words: Readonly<Record<string, boolean>> = { true: true, false: false, yes: true, no: false, 1: true, 0: false };

function readForm(form: Form, text: string): unknown {
  if (form.nullable && text === 'none') return null;
  switch (form.type) {
    case 'integer':
    case 'number':
      return numeral.test(text.trim()) ? Number(text) : text;
    case 'boolean':
      return words[text.trim().toLowerCase()] ?? text;
    case 'array':
      return isList(form) && !text.trim().startsWith('[') ? readList(form, text) : parseOr(text);
    case 'object':
      return parseOr(text);
    default:
      return text;
  }
}

function readList({ items }: Form, text: string): unknown[] {
  const parts = text.trim() === '' ? [] : text.split(',').map((part) => part.trim());
  return parts.map((part, i) => {
    const form = Array.isArray(items) ? items[i] : items;
    return form ? readForm(form, part) : part;
  });
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A value as one would write it in a flag: `none`, `0.9,0.999`, `true`. */
export function textOfValue(value: unknown): string {
  if (value === null) return 'none';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
