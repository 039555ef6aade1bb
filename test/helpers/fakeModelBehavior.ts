import type { ModelCall } from './fakeModelServer';
import { callTool, say, sayJson, type Script } from './fakeModelScript';

/**
 * Answers each of Parley's tasks from the request itself: summaries quote real messages, translations are
 * the segments marked with the language, notes are the first words of messages, and chat answers name the question. It knows nothing, and shows it.
 */
export function likeAModel(call: ModelCall): Script {
  const schema = call.body.response_format?.json_schema?.name;
  if (schema === 'summary_claims') return summaryClaims(dataOf(call));
  if (schema === 'summary_overview') return sayJson({ overview: `Fake overview of ${list(dataOf(call)['claims']).length} points.` });
  if (schema === 'translation') return translation(dataOf(call));
  if (schema === 'conversation_notes') return notes(dataOf(call));
  if (schema) throw new Error(`likeAModel knows no schema "${schema}".`);
  return chat(call);
}

type Data = Readonly<Record<string, unknown>>;

/** The first and longest messages, decisions and promises by a word in them; every text its first words, every quote the message itself, as far as an answer has room for it. */
function summaryClaims(data: Data): Script {
  const messages = list(data['messages']).map(({ id, by, text }) => ({ id: String(id), by: String(by), text: String(text) }));
  const claims = messages
    .filter(({ text }) => text.split(/\s+/).length >= 4)
    .map(({ id, by, text }) => {
      const kind = kindOf(text);
      return { kind, text: `${by}: ${text.split(/\s+/).slice(0, 12).join(' ')}`, owner: kind === 'action' ? by : null, due: null, messageId: id, quote: text.slice(0, 1_000).trim() };
    });
  return sayJson({ claims: claims.slice(0, 20) });
}

function kindOf(text: string): string {
  if (/\b(decided|agreed|we go with)\b/i.test(text)) return 'decision';
  if (/\b(I'll|I will|please)\b/i.test(text)) return 'action';
  return text.trim().endsWith('?') ? 'question' : 'key-point';
}

function translation(data: Data): Script {
  const segments = list(data['segments']).map(({ id, text }) => ({ id, text: `[${String(data['to'])}] ${String(text)}` }));
  return sayJson({ from: 'en', segments });
}

/** The notes so far, and the first words of each message. */
function notes(data: Data): Script {
  const said = list(data['messages']).map(({ by, text }) => `${String(by)}: ${String(text).split(/\s+/).slice(0, 12).join(' ')}.`);
  return sayJson({ notes: [typeof data['notes'] === 'string' ? data['notes'] : '', ...said].join('\n') });
}

/** Looks into documents when it may; with sources it quotes the first of them, else it names the question. */
function chat(call: ModelCall): Script {
  const question = call.body.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const tools = (call.body.tools ?? []).map((tool) => tool.function.name);
  if (tools.includes('look_up_documents')) return callTool('look_up_documents', { query: question });
  const sources = call.body.messages.flatMap(({ role, content }) => (role === 'user' ? list(parse(content ?? '')['sources']) : []));
  const [first] = sources;
  return say(first ? `About "${question}", the source says: ${String(first['text'])} [${String(first['id'])}]` : `This is a fake answer to: ${question}`);
}

const dataOf = (call: ModelCall): Data => parse(call.body.messages.findLast(({ role }) => role === 'user')?.content ?? '');

function parse(text: string): Data {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Data) : {}; // any object reads as a record
  } catch {
    return {};
  }
}

const list = (value: unknown): readonly Data[] => (Array.isArray(value) ? (value as Data[]) : []);
