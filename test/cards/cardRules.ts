import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json';
import type * as AdaptiveCards from 'adaptivecards';
import type { AdaptiveCard } from '../../cards/adaptiveCard';

// The package's `main` is ES modules; this is the same code as Web Chat bundles.
const { AdaptiveCard: ParsedCard, SerializationContext } = jest.requireActual<typeof AdaptiveCards>('adaptivecards/dist/adaptivecards.js');

// `id` is how draft 4 spelt `$id`; the validator refuses it.
const schema = { ...JSON.parse(readFileSync(join(process.cwd(), 'test/fixtures/adaptive-card-1.5.json'), 'utf8')) as object, id: undefined };
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: false });
ajv.addMetaSchema(draft06);
const validate = ajv.compile(schema);

/** What is wrong with a card by the official schema and by the parser that Web Chat ships; nothing for a good one. */
export function cardProblems(card: AdaptiveCard): string[] {
  const json: unknown = JSON.parse(JSON.stringify(card));
  const schemaProblems = validate(json) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  return [...schemaProblems, ...parserProblems(json)];
}

function parserProblems(json: unknown): string[] {
  const context = new SerializationContext();
  const parsed = new ParsedCard();
  parsed.parse(json, context);
  const parsing = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  const validation = parsed.validateProperties().validationEvents.map(({ message }) => message);
  return [...parsing, ...validation];
}

/** Every string that the card shows or sends, with the name of its property. */
export function stringsOf(value: unknown, name = ''): { name: string; text: string }[] {
  if (typeof value === 'string') return [{ name, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => stringsOf(child, Array.isArray(value) ? name : key));
}
