import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { SECRET, startDirectLine, type RunningDirectLine } from '../../helpers/directLine';

let service: RunningDirectLine;
beforeAll(async () => void (service = await startDirectLine({ maxUploadBytes: 200_000, deliver: () => Promise.resolve() })));
afterAll(() => service.stop());

const bearer = SECRET;
const start = async (): Promise<string> => (await service.call('POST', '/conversations', { bearer })).json.conversationId;
const upload = async (call: object, userId = '?userId=user') =>
  service.call('POST', `/conversations/${await start()}/upload${userId}`, { bearer, ...call });
const received = () => service.messages().at(-1)!;
const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());
const activityPart = (activity: object) => new Blob([JSON.stringify(activity)], { type: 'application/vnd.microsoft.activity' });

test('one file with its type and name becomes a message, and is downloaded again byte by byte', async () => {
  const bytes = randomBytes(150_000);
  const { status, json } = await upload({ body: bytes, headers: { 'content-type': 'image/jpeg', 'content-disposition': 'name="file"; filename="badjokeeel.jpg"' } });
  expect([status, json.id]).toEqual([200, received().id]);
  expect(received()).toMatchObject({ type: 'message', from: { id: 'user' }, attachments: [{ contentType: 'image/jpeg', name: 'badjokeeel.jpg' }] });
  expect((await bytesOf(received().attachments![0]!.contentUrl!)).equals(bytes)).toBe(true);
});

test('multipart files take the places that the activity describes', async () => {
  const [first, second, third] = [randomBytes(50_000), randomBytes(0), randomBytes(3)];
  const form = new FormData();
  form.append('file', new Blob([second], { type: 'text/plain' }), 'b.txt');
  form.append('activity', activityPart({
    type: 'message', text: 'look', from: { id: 'user' }, channelData: { clientActivityID: 'u1' },
    attachments: [{ contentType: 'image/png', name: 'a.png', thumbnailUrl: 'data:,x' }, { contentType: 'text/plain', name: 'b.txt' }, { contentType: 'x/card', content: { a: 1 } }],
  }));
  form.append('file', new Blob([first], { type: 'image/png' }), 'a.png');
  form.append('file', new Blob([third]), 'naïve "名".bin');
  expect((await upload({ body: form })).status).toBe(200);
  expect(received()).toMatchObject({ text: 'look', channelData: { clientActivityID: 'u1' } });
  const attachments = received().attachments!;
  expect(attachments.map(({ name, contentType }) => [name, contentType])).toEqual([
    ['a.png', 'image/png'], ['b.txt', 'text/plain'], [undefined, 'x/card'], ['naïve "名".bin', 'application/octet-stream']]);
  expect(attachments[0]).toHaveProperty('thumbnailUrl', 'data:,x');
  for (const [index, bytes] of [[0, first], [1, second], [3, third]] as const) {
    expect((await bytesOf(attachments[index]!.contentUrl!)).equals(bytes)).toBe(true);
  }
});

test('parts without Content-Disposition are read, as in the documentation of the service', async () => {
  const boundary = '----DD4E5147-E865-4652-B662-F223701A8A89';
  const body = [
    `--${boundary}`, 'Content-Type: image/jpeg', 'Content-Disposition: form-data; name="file"; filename="badjokeeel.jpg"', '', 'JPEG', '',
    `--${boundary}`, 'Content-Type: application/vnd.microsoft.activity', '', '{"type":"message","from":{"id":"user"},"text":"Hey"}', '',
    `--${boundary}--`, ''].join('\r\n');
  expect((await upload({ body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } })).status).toBe(200);
  expect(received()).toMatchObject({ text: 'Hey', attachments: [{ name: 'badjokeeel.jpg', contentType: 'image/jpeg' }] });
});

test('a repeated upload gives the first id and is delivered once', async () => {
  const path = `/conversations/${await start()}/upload?userId=user`;
  const send = async () => {
    const form = new FormData();
    form.append('activity', activityPart({ type: 'message', from: { id: 'user' }, channelData: { clientActivityID: 'twice' } }));
    form.append('file', new Blob(['x']), 'x.txt');
    return (await service.call('POST', path, { bearer, body: form })).json.id;
  };
  const before = service.messages().length;
  expect(await send()).toBe(await send());
  expect(service.messages().length).toBe(before + 1);
});

test('the host reads a file by its address, whatever host it names, and no other address', async () => {
  await upload({ body: 'notes', headers: { 'content-type': 'text/plain; charset=utf-8', 'content-disposition': 'attachment; filename="../../no/tes.txt"' } });
  const url = new URL(received().attachments![0]!.contentUrl!);
  const file = await service.directLine.readAttachment(`https://bot.example${url.pathname}`);
  expect({ ...file, bytes: Buffer.from(file!.bytes).toString() }).toMatchObject({ name: 'tes.txt', contentType: 'text/plain', bytes: 'notes' });
  for (const other of ['https://elsewhere.example/file.txt', 'not an address', `${url.href}x`, 'data:text/plain,x']) {
    expect(await service.directLine.readAttachment(other)).toBeUndefined();
  }
});

test('a stranger\'s page is never shown as part of our site', async () => {
  await upload({ body: '<script>alert(1)</script>', headers: { 'content-type': 'text/html', 'content-disposition': 'attachment; filename="x\'(1).html"' } });
  const { headers } = await fetch(received().attachments![0]!.contentUrl!);
  expect(headers.get('content-disposition')).toBe('attachment; filename*=UTF-8\'\'x%27%281%29.html');
  expect(headers.get('content-security-policy')).toContain('sandbox');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test.each([
  ['one file', { body: randomBytes(200_001), headers: { 'content-type': 'image/png' } }],
  ['a body much larger than allowed', { body: randomBytes(1_500_000), headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
  ['files together', { body: filesOf(150_000, 150_000) }],
])('too many bytes give 413: %s', async (_, call) => {
  const before = service.delivered.length + 1;
  expect(await upload(call)).toMatchObject({ status: 413, json: { error: { code: 'MessageSizeTooBig' } } });
  expect(service.delivered).toHaveLength(before);
});

function filesOf(...sizes: number[]): FormData {
  const form = new FormData();
  for (const size of sizes) form.append('file', new Blob([new Uint8Array(size)]), 'file.bin');
  return form;
}

const multipart = { 'content-type': 'multipart/form-data; boundary=x' };
test.each([
  ['no boundary', { body: 'x', headers: { 'content-type': 'multipart/form-data' } }],
  ['no parts', { body: '--x--\r\n', headers: multipart }],
  ['no last boundary', { body: '--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nabc', headers: multipart }],
  ['nothing of a multipart', { body: 'hello', headers: multipart }],
  ['an unfinished part header', { body: '--x\r\nContent-Disposition: form-data\r\n--x--\r\n', headers: multipart }],
  ['an activity that is not JSON', { body: '--x\r\nContent-Type: application/vnd.microsoft.activity\r\n\r\n{\r\n--x--\r\n', headers: multipart }],
  ['too many parts', { body: filesOf(...Array<number>(60).fill(1)) }],
])('a malformed upload gives 400: %s', async (_, call) => {
  expect(await upload(call)).toMatchObject({ status: 400, json: { error: { code: expect.any(String) } } });
});

test('a user is needed', async () => {
  expect(await upload({ body: 'x' }, '')).toMatchObject({ status: 400, json: { error: { code: 'MissingProperty' } } });
});

test('nothing is left on disk', async () => {
  const before = readdirSync(tmpdir()).length;
  await upload({ body: filesOf(100_000) });
  expect(readdirSync(tmpdir()).length).toBeLessThanOrEqual(before + 1);
});
