import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { wordsFor } from '../../cards/words';
import { runCommandLine } from '../../cli/run';
import { parseThread } from '../../threads/parse';
import { docxOf, pdfOf } from '../helpers/documents';

const fixture = (name: string): string => join(__dirname, '../fixtures', name);

interface Outcome {
  readonly exitCode: number;
  readonly output: string;
  readonly complaints: readonly string[];
}

async function parley(args: readonly string[], { stdin = '', env = {} }: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> } = {}): Promise<Outcome> {
  let output = '';
  const complaints: string[] = [];
  const terminal = { words: wordsFor('en'), env, stdin: Readable.from([Buffer.from(stdin)]), print: (text: string) => void (output += text), readThread: parseThread };
  const exitCode = await runCommandLine(args, terminal, (line) => void complaints.push(line));
  return { exitCode, output, complaints };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('summarize', () => {
  test('prints a real meeting with who, when and where, and what was read', async () => {
    const { exitCode, output, complaints } = await parley(['summarize', fixture('ami-ES2016c.vtt')]);
    expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: [] });
    expect(output).toContain('Key sentences quoted from the meeting, no model');
    expect(output).toMatch(/Decisions\n- Project Manager: .+\n {2}ami-ES2016c\.vtt m\d+ 00:\d\d:\d\d\n/);
    expect(output).toContain('Owner: Ryan');
    expect(output).toMatch(/\nRead 231 of 231 messages\n$/);
  });

  test('--json prints one document, and every item is found in the source', async () => {
    const { exitCode, output } = await parley(['summarize', '--json', fixture('ami-ES2016c.json')]);
    const document = JSON.parse(output);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ file: 'ami-ES2016c.json', title: 'Remote control project: conceptual design', kind: 'meeting', model: null, origin: 'quotes', language: 'en', total: 231, read: 231 });
    const items = [...document.keyPoints, ...document.decisions, ...document.actionItems, ...document.openQuestions];
    expect(items.length).toBeGreaterThan(5);
    for (const item of items) expect(item).toMatchObject({ messageId: expect.stringMatching(/^t\d+$/), author: expect.any(String), createdAt: expect.stringMatching(/^2026-/) });
  });

  test('--max-words bounds the words of all key sentences together, and those of all claims', async () => {
    const { output } = await parley(['summarize', fixture('ami-ES2016c.vtt'), '--max-words', '40', '--json']);
    const { keyPoints, decisions, actionItems, openQuestions } = JSON.parse(output);
    for (const items of [keyPoints, [...decisions, ...actionItems, ...openQuestions]]) {
      const text = items.map((item: { text: string }) => item.text).join(' ');
      expect(text.split(/\s+/).length).toBeLessThanOrEqual(40);
      expect(text).not.toBe('');
    }
  });

  test('--length asks for more or less', async () => {
    const short = await parley(['summarize', fixture('ami-ES2016c.vtt'), '--length', 'short']);
    const detailed = await parley(['summarize', fixture('ami-ES2016c.vtt'), '--length', 'detailed']);
    expect(detailed.output.length).toBeGreaterThan(short.output.length * 1.5);
  });

  test('reads pasted text from standard input', async () => {
    const { exitCode, output } = await parley(['summarize', '-'], { stdin: 'Ana: We decided to move the launch to March.\nBob: I will tell the suppliers about it today.' });
    expect(exitCode).toBe(0);
    expect(output).toContain('- Ana: We decided to move the launch to March.');
    expect(output).toContain('Owner: Bob');
  });

  test('control sequences of a file do not reach the terminal', async () => {
    const { output } = await parley(['summarize', '-'], { stdin: 'Ana: We decided to \u001b[31mmove the launch\u0007 to March.\nBob: Good, that gives us a month.' });
    expect(output).toContain('move the launch');
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(output).not.toMatch(/[\x00-\x09\x0B-\x1F]/);
  });

  test.each([
    ['no file', () => [], 2, /^No file was named\. Usage: .*summarize FILE/],
    ['two files', () => ['a', 'b'], 2, /^Name one file only/],
    ['a missing file', () => ['nowhere.vtt'], 1, /^There is no file “nowhere\.vtt”/],
    ['a folder', () => [folder], 1, /is a folder/],
    ['an empty file', () => [write('empty.vtt', '')], 1, /“empty\.vtt” has no text in it/],
    ['an unknown type', () => [write('a.exe', 'MZ')], 1, /“a\.exe” cannot be read\. These can: \.vtt/],
    ['a lying ending', () => [write('lying.pdf', 'hello')], 1, /“lying\.pdf” is not what its name says/],
    ['a Word file that is none', () => [write('lying.docx', 'hello')], 1, /“lying\.docx” is not what its name says/],
    ['a locked PDF', () => [write('locked.pdf', pdfOf([['Secret.']], { locked: true }))], 1, /“locked\.pdf” is protected by a password/],
    ['JSON of another shape', () => [write('other.json', '{"messages":[{}]}')], 1, /^“other\.json” is JSON, but not a conversation as Parley writes it\. [^:;]+$/],
    ['a damaged PDF', () => [write('torn.pdf', '%PDF-1.7\nnothing')], 1, /^“torn\.pdf” is damaged and cannot be read\./],
    ['a file too large', () => [write('large.txt', Buffer.alloc(11 * 1024 * 1024, 'a'))], 1, /larger than 10 MB/],
    ['words that are no number', () => [fixture('ami-ES2016c.vtt'), '--max-words', 'ten'], 2, /--max-words is “ten”, and must be a whole number/],
    ['no words', () => [fixture('ami-ES2016c.vtt'), '--max-words', '0'], 2, /--max-words is “0”/],
    ['an unknown length', () => [fixture('ami-ES2016c.vtt'), '--length', 'huge'], 2, /--length is “huge”/],
    ['an unknown option', () => ['--fast', fixture('ami-ES2016c.vtt')], 2, /--fast/],
  ])('%s: one clear line, nothing on standard output', async (_what, args, exitCode, line) => {
    const outcome = await parley(['summarize', '--json', ...args()]);
    expect(outcome).toEqual({ exitCode, output: '', complaints: [expect.stringMatching(line)] });
    expect(outcome.complaints[0]).not.toContain('\n');
    expect(outcome.complaints[0]).not.toMatch(/paste|send/i); // there is nobody to send it to
  });

  test('a Word file is read', async () => {
    const path = write('plan.docx', docxOf(['The plan for spring needs a budget.', 'We ship the new version in March, after the tests of the payment page.']));
    const { exitCode, output } = await parley(['summarize', path]);
    expect(exitCode).toBe(0);
    expect(output).toContain('Key sentences quoted from the document, no model');
  });
});

describe('translate', () => {
  test.each(['de', 'pt-BR', 'German', 'français'])('to %s, it says that it needs a model', async (language) => {
    const outcome = await parley(['translate', '--to', language, '-'], { stdin: 'Good morning' });
    expect(outcome).toEqual({ exitCode: 1, output: '', complaints: [expect.stringMatching(/needs an AI model.*AZURE_OPENAI_ENDPOINT/)] });
  });

  test.each([
    [[], /Say which language/],
    [['--to', 'Germanish'], /--to is “Germanish”/],
    [['--to', 'klingonish'], /--to is “klingonish”/],
    [['--to', '???'], /--to is “\?\?\?”/],
  ])('a call with %j is wrong', async (args, line) => {
    expect(await parley(['translate', ...args])).toMatchObject({ exitCode: 2, complaints: [expect.stringMatching(line)] });
  });
});

describe('parley', () => {
  test.each([[[]], [['dance']]])('called with %j lists the commands', async (args) => {
    const { exitCode, complaints } = await parley(args);
    expect(exitCode).toBe(2);
    expect(complaints.join('\n')).toMatch(/summarize FILE[\s\S]*translate --to/);
  });

  test('help is no failure', async () => {
    const { exitCode, output } = await parley(['help']);
    expect(exitCode).toBe(0);
    expect(output).toContain('Commands:');
  });

  test.each([
    [['summarize', '--help'], /^Usage: npm run parley -- summarize FILE [\s\S]*--max-words N: the items hold at most N words together; .* not counted/],
    [['summarize', 'nowhere.vtt', '-h'], /^Usage: npm run parley -- summarize FILE/],
    [['translate', '--to', 'German', '--help'], /^Usage: npm run parley -- translate --to LANGUAGE/],
  ])('%j tells how the command is called', async (args, usage) => {
    expect(await parley(args)).toEqual({ exitCode: 0, output: expect.stringMatching(usage), complaints: [] });
  });

  test('a file may be called --help', async () => {
    expect(await parley(['summarize', '--', '--help'])).toMatchObject({ exitCode: 1, complaints: [expect.stringMatching(/^There is no file “--help”/)] });
  });

  test('settings that contradict each other are named', async () => {
    const { exitCode, complaints } = await parley(['summarize', fixture('ami-ES2005a.vtt')], { env: { OPENAI_API_KEY: 'x' } });
    expect(exitCode).toBe(1);
    expect(complaints).toEqual([expect.stringContaining('OPENAI_MODEL is missing')]);
  });
});
