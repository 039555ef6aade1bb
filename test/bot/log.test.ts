import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { contentFree } from '../../bot/log';
import { StateError } from '../../state/database';

const said = 'the secret plans of Ada';

function startLog(key = 'k') {
  const lines: string[] = [];
  const log = contentFree(pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }), Buffer.from(key));
  return { log, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>, all: () => lines.join('') };
}

test('ids become pseudonyms, the same ones for the same ids and key, in lines and in child logs', () => {
  const { log, last, all } = startLog();
  log.info({ conversationKey: '28:bot|msteams|t|19:abc', activityId: '1790000000000' }, 'turn finished');
  const first = last().conversationKey;
  log.child({ conversationKey: '28:bot|msteams|t|19:abc' }).info('reply was posted');
  expect(last().conversationKey).toBe(first);
  expect(first).toMatch(/^[\w-]{16}$/);
  expect(all()).not.toMatch(/19:abc|1790000000000/);
  const other = startLog('another key');
  other.log.info({ conversationKey: '28:bot|msteams|t|19:abc' }, 'turn finished');
  expect(other.last().conversationKey).not.toBe(first);
});

test('errors of others lose their messages and everything that hangs on them', () => {
  const { log, last, all } = startLog();
  const vendor = Object.assign(new Error(said), { status: 400, code: 'content_filter', headers: { authorization: said }, body: said, cause: new SyntaxError(`Unexpected token in "${said}"`) });
  log.error({ err: vendor }, 'turn failed');
  expect(last().err).toMatchObject({ type: 'Error', status: 400, code: 'content_filter', stack: expect.stringMatching(/^ {4}at .*log\.test\.ts:\d+/) as string, cause: { type: 'SyntaxError' } });
  log.error({ error: said }, 'turn failed');
  log.error({ err: Object.assign(new Error(`${said}\n    at ${said} (/x.js:1:1)`), { name: said, code: said }) }, 'turn failed');
  expect(all()).not.toMatch(/secret|plans/);
});

test('our own errors keep their messages, whatever caused them', () => {
  const { log, last, all } = startLog();
  log.error({ err: new StateError('unavailable', 'The store cannot do that now.', { cause: new Error(said) }) }, 'request failed');
  expect(last().err).toMatchObject({ type: 'StateError', code: 'unavailable', message: 'The store cannot do that now.', cause: { type: 'Error' } });
  expect(all()).not.toContain(said);
});

test('text where none is expected gives way to its length', () => {
  const { log, last } = startLog();
  log.info({ text: said, activity: { text: said }, code: said, method: 'POST', durationMs: 3, isPosted: true }, 'something happened');
  expect(last()).toMatchObject({ text: '[23 characters]', activity: '[object]', code: '[23 characters]', method: 'POST', durationMs: 3, isPosted: true, msg: 'something happened' });
});

test('every line of the log has a message of its own: pino would take that of an error', () => {
  const sources = ['bot', 'ai', 'dialogs', 'state', 'threads'].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join(folder, name)));
  const calls = [...sources, 'index.ts'].flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(/\blog\??\.(?:trace|debug|info|warn|error|fatal)(?=\()/g)].map(({ 0: call, index }) => ({ file, given: argumentsAt(text, index + call.length) }));
  });
  expect(calls.length).toBeGreaterThan(25);
  const withoutMessage = calls.filter(({ given }) => !/'[^'$]+',?\s*$/.test(given));
  expect(withoutMessage.map(({ file, given }) => `${file}: ${given}`)).toEqual(['bot/app.ts: warning']); // sentences of the settings
});

/** What stands between the parenthesis at `start` and its partner. */
function argumentsAt(text: string, start: number): string {
  let depth = 0;
  for (let end = start; end < text.length; end += 1) {
    depth += Number(text[end] === '(') - Number(text[end] === ')');
    if (depth === 0) return text.slice(start + 1, end);
  }
  return '';
}
