import { pino } from 'pino';
import { loadConfig } from '../../bot/config';
import { contentFree } from '../../bot/log';
import { createEngines } from '../../bot/model';
import { say, serverError } from '../helpers/fakeModelScript';
import { startFakeModelServer } from '../helpers/fakeModelServer';
import { asker } from '../helpers/openaiModel';

test('the log tells which deployment is in trouble and when it is back, and what each call took, in words that are no content', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = contentFree(pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) }), Buffer.alloc(32));
  const server = await startFakeModelServer();
  const config = loadConfig({ AZURE_OPENAI_ENDPOINT: server.url, AZURE_OPENAI_DEPLOYMENT: 'gpt-4.1', AZURE_OPENAI_API_KEY: 'a-key' });
  const engine = createEngines(config, { log }).engineFor(asker);
  server.script(serverError(503), say('Hello.'));
  await engine.converse({ text: 'Do you know my secret?', history: [], threads: [], language: 'en', skills: [] }, new AbortController().signal);
  expect(lines).toMatchObject([
    { level: 40, deployment: 'gpt-4.1', code: 'unavailable', msg: 'a deployment is left alone for a while' },
    { level: 30, deployment: 'gpt-4.1', msg: 'a deployment answers again' },
    { level: 20, capability: 'chat', operation: 'answer', deployment: 'gpt-4.1', outcome: 'stop', attempts: 2, inputTokens: expect.any(Number), durationMs: expect.any(Number), msg: 'model call finished' },
  ]);
  expect(JSON.stringify(lines)).not.toContain('secret');
  await server.close();
});
