/** Forms from input schemas: which field becomes what, what is checked before sending, and what is sent. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { jobId } from '../../src/index.ts';
import { toJsonSchema } from '../../src/workflow/fields.ts';
import { checkField, faultAt, readValue } from '../../web/forms/checks.ts';
import { readItems } from '../../web/forms/file-items.ts';
import { type FormField, readFields } from '../../web/forms/schema-fields.ts';
import { inWords } from '../../web/text/words.ts';

/** The form's field for a zod schema, by the way that it takes through the API. */
function fieldOf(schema: z.ZodType): FormField {
  const [field] = readFields(toJsonSchema(z.object({ field: schema }), 'input', 'TEST'));
  if (field === undefined) throw new Error('expected a field');
  return field;
}

test.each<[string, z.ZodType, unknown]>([
  ['a text', z.string().min(2).max(9), { name: 'text', long: false, least: 2, most: 9 }],
  ['a long text', z.string().meta({ multiline: true }), { name: 'text', long: true, least: 0, most: null }],
  ['a whole number', z.int(), { name: 'number', whole: true, low: null, high: null }],
  [
    'a number above and up to',
    z.number().gt(0).max(1),
    { name: 'number', whole: false, low: { at: 0, included: false }, high: { at: 1, included: true } },
  ],
  ['one of several', z.enum(['a', 'b']), { name: 'choice', values: ['a', 'b'] }],
  ['one only', z.literal('a'), { name: 'choice', values: ['a'] }],
  ['yes or no', z.boolean(), { name: 'switch' }],
  ['a job of a workflow', jobId('POSTER'), { name: 'job', workflow: 'POSTER' }],
  ['any job', jobId(), { name: 'job', workflow: null }],
  ['a list of texts', z.array(z.string()).min(1), { name: 'list', of: 'text', least: 1, most: null }],
  ['a list of numbers', z.array(z.int()).max(3), { name: 'list', of: 'number', least: 0, most: 3 }],
  ['an object', z.object({ x: z.number() }), { name: 'json' }],
  ['a list of objects', z.array(z.object({ x: z.number() })), { name: 'json' }],
  ['anything', z.unknown(), { name: 'json' }],
])('%s becomes its own kind of field, also where it may be null', (_name, schema, kind) => {
  expect(fieldOf(schema).kind).toEqual(kind);
  expect(fieldOf(schema.nullish()).kind).toEqual(kind);
  expect(fieldOf(schema.nullish()).required).toBe(false);
});

test('title, description, default and examples are the schema’s, also of what is transformed', () => {
  const schema = z
    .string()
    .nullish()
    .transform((text) => text ?? 'en')
    .meta({ title: 'Tongue', description: 'Which.', default: 'en', examples: ['en', 'ko'] });
  expect(fieldOf(schema)).toMatchObject({
    ...{ title: 'Tongue', description: 'Which.', default: 'en', examples: ['en', 'ko'], required: false },
  });
  expect(fieldOf(z.string().default('x')).required).toBe(false);
  expect(fieldOf(z.string()).required).toBe(true);
});

test('defaults and examples are as one would enter them', () => {
  expect(fieldOf(z.array(z.string()).default(['a', 'b'])).default).toBe('a\nb');
  expect(fieldOf(z.array(z.string()).default([])).default).toBeNull();
  expect(fieldOf(z.boolean().default(true)).default).toBe('true');
  expect(fieldOf(z.record(z.string(), z.int()).meta({ examples: [{ a: 1 }] })).examples).toEqual([
    '{\n  "a": 1\n}',
  ]);
});

test('what is no schema has no fields', () => {
  for (const none of [null, 'text', {}, { properties: {} }]) expect(readFields(none)).toEqual([]);
});

test.each<[string, z.ZodType, string, string | null]>([
  ['nothing where something is needed', z.string(), ' ', 'form.required'],
  ['nothing where it may be left out', z.string().optional(), '', null],
  ['too short a text', z.string().min(3), 'ab', 'form.tooShort'],
  ['too long a text', z.string().max(3), 'abcd', 'form.tooLong'],
  ['no number', z.number(), 'many', 'form.number'],
  ['half a number', z.int(), '1.5', 'form.wholeNumber'],
  ['no number in a range', z.int().min(1).max(3), 'two', 'form.range'],
  ['a number at an end that is not included', z.number().gt(0), '0', 'form.above'],
  ['a number below', z.number().min(0), '-1', 'form.least'],
  ['a number above', z.number().lt(5), '5', 'form.below'],
  ['a number within', z.number().min(0).lt(5), '4.9', null],
  ['too many lines', z.array(z.string()).max(1), 'a\n\nb', 'form.tooMany'],
  ['too few lines', z.array(z.string()).min(2), 'a', 'form.tooFew'],
  ['a line that is no number', z.array(z.number()), '1\nx', 'form.number'],
  ['no JSON', z.unknown().optional(), '{', 'form.notJson'],
])('before sending, %s', (_name, schema, entered, key) => {
  const fault = checkField(fieldOf(schema), entered);
  expect(fault === null ? null : 'key' in fault && fault.key).toBe(key);
});

test.each<[string, z.ZodType, string, unknown]>([
  ['a text without the space around it', z.string(), ' a ', 'a'],
  ['a long text as it is', z.string().meta({ multiline: true }), ' a\n', ' a\n'],
  ['a number', z.number(), ' 1.5', 1.5],
  ['one of numbers as a number', z.literal([1, 2]), '2', 2],
  ['lines as a list', z.array(z.string()), 'a\n\n b ', ['a', 'b']],
  ['lines of numbers', z.array(z.int()), '1\n2', [1, 2]],
  ['JSON', z.unknown(), '{"a":[1]}', { a: [1] }],
  ['no, where nothing was said and something must be', z.boolean(), '', false],
  ['nothing, so that the server’s default counts', z.boolean().default(true), '', undefined],
  ['no against a default', z.boolean().default(true), 'false', false],
])('sent is %s', (_name, schema, entered, value) => {
  expect(readValue(fieldOf(schema), entered)).toEqual(value);
});

test('what the server says of a place inside a value is shown at its field', () => {
  const faults = { 'items.1.tags.0': { expected: 'a word' }, 'items.10.tags': { expected: 'a list' } };
  expect(faultAt(faults, 'items.1.tags')).toEqual({ expected: 'a word' });
  expect(faultAt(faults, 'items.1.tag')).toBeUndefined();
});

test('names read as words', () => {
  expect(['minSimilarity', 'MAKE_POSTER', 'choose_colours'].map(inWords)).toEqual([
    'Min similarity',
    'Make poster',
    'Choose colours',
  ]);
});

const POSTER = readFields(
  toJsonSchema(z.object({ title: z.string(), script: z.string(), scenes: z.int().optional() }), 'input', 'T'),
);

test('items of a batch come out of a table, as spreadsheets write it', () => {
  const quoted = 'Title,script,Other\r\n"Rain, again","She said ""no"".\nHe left.",x\r\nSun,,\r\n,,\r\n';
  expect(readItems(POSTER, 'items.csv', quoted)).toEqual([
    { title: 'Rain, again', script: 'She said "no".\nHe left.', scenes: '' },
    { title: 'Sun', script: '', scenes: '' },
  ]);
  const table = [{ title: 'One', script: 'Two', scenes: '3' }];
  expect(readItems(POSTER, 'a.csv', '\uFEFFscenes;title;script\n3;One;Two')).toEqual(table);
  expect(readItems(POSTER, 'a.tsv', 'title\tscript\tscenes\nOne\tTwo\t3\n')).toEqual(table);
});

test('items come out of JSON: a list, an input of a batch, or an object a line', () => {
  const item = { title: 'One', script: 'A\nB', scenes: 3 };
  const entered = { title: 'One', script: 'A\nB', scenes: '3' };
  const json = JSON.stringify(item);
  expect(readItems(POSTER, 'a.json', `[${json}]`)).toEqual([entered]);
  expect(readItems(POSTER, 'a.json', `{"items":[${json}]}`)).toEqual([entered]);
  expect(readItems(POSTER, 'a.jsonl', `${json}\n${json}\n`)).toEqual([entered, entered]);
});

test('what is no list of items says why', () => {
  expect(readItems(POSTER, 'a.csv', ' \n')).toBe('empty');
  expect(readItems(POSTER, 'a.csv', 'title,script\n')).toBe('empty');
  expect(readItems(POSTER, 'a.csv', 'name,text\na,b')).toBe('columns');
  expect(readItems(POSTER, 'a.json', '[1, 2]')).toBe('json');
  expect(readItems(POSTER, 'a.json', '{"title": ')).toBe('json');
});
