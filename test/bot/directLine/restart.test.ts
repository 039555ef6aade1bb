import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { message, openStream, SECRET, startDirectLine } from '../../helpers/directLine';

test('history, files, tokens and repeated posts survive a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-restart-'));
  const file = join(folder, 'store.sqlite');
  let service = await startDirectLine({ file });
  try {
    const { token } = (await service.call('POST', '/tokens/generate', { bearer: SECRET, json: { user: { id: 'dl_1' } } })).json;
    const { conversationId } = (await service.call('POST', '/conversations', { bearer: token })).json;
    const path = `/conversations/${conversationId}`;
    const activity = message('before', { channelData: { clientActivityID: 'c' } });
    const { json: { id } } = await service.call('POST', `${path}/activities`, { bearer: token, json: activity });
    await service.call('POST', `${path}/upload`, { bearer: token, body: 'notes', headers: { 'content-type': 'text/plain' } });
    await service.directLine.connector.send(conversationId, { type: 'message', text: 'reply', channelData: { outboxId: 'o' } });
    const before = (await service.call('GET', `${path}/activities`, { bearer: token })).json;
    await service.stop();

    service = await startDirectLine({ file });
    expect((await service.call('GET', `${path}/activities`, { bearer: token })).json).toEqual(before);
    expect((await service.call('POST', '/conversations', { bearer: token })).status).toBe(200);
    expect((await service.call('POST', `${path}/activities`, { bearer: token, json: activity })).json).toEqual({ id });
    await service.directLine.connector.send(conversationId, { type: 'message', text: 'reply', channelData: { outboxId: 'o' } });
    expect(service.delivered).toEqual([]);
    const { contentUrl } = before.activities.flatMap(({ attachments = [] }: { attachments?: object[] }) => attachments)[0];
    expect(Buffer.from((await service.directLine.readAttachment(contentUrl))!.bytes).toString()).toBe('notes');
    const stream = await openStream((await service.call('GET', `${path}?watermark=0`, { bearer: token })).json.streamUrl);
    await stream.until(() => stream.activities().length === before.activities.length);
  } finally {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
