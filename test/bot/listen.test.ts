import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '../../bot/app';
import { loadConfig } from '../../bot/config';
import { startParley } from '../helpers/parley';
import { temporaryFolder } from '../helpers/temporaryFolder';

test('a port that is in use is told to whoever starts the host, and ends no process', async () => {
  const folder = temporaryFolder();
  const first = await startParley();
  const { port } = new URL(first.url);
  const config = loadConfig({ PORT: port, DATABASE_URL: join(folder.path, 'parley.db') });
  const second = await createApp(config, join(__dirname, '../../dist/web'), pino({ level: 'silent' }));
  await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await second.close();
  await first.close();
  folder.remove();
});
