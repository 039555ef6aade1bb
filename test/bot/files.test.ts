import type { Activity, Attachment } from 'botbuilder';
import { createDownload } from '../../bot/download';
import { filesOf } from '../../bot/files';
import { parseThread } from '../../threads/parse';

const bytes = Buffer.from('WEBVTT');
const asked: string[] = [];
const options = {
  maxBytes: 1_000,
  readOwn: async (contentUrl: string) => {
    asked.push(contentUrl);
    return contentUrl.startsWith('http://localhost/own') ? { bytes } : undefined;
  },
  download: createDownload({ isAllowed: () => false, token: async () => undefined }),
  parse: parseThread,
};
const files = (...attachments: readonly unknown[]) => filesOf({ attachments: attachments as Attachment[] }, options);
const signal = new AbortController().signal;

beforeEach(() => {
  asked.length = 0;
});

test('an upload of the web chat is read from our own store', async () => {
  const [file] = files({ name: 'a.vtt', contentType: 'text/vtt', contentUrl: 'http://localhost/own/1' });
  expect(file).toMatchObject({ name: 'a.vtt', contentType: 'text/vtt' });
  expect(await file?.read(signal)).toEqual(bytes);
});

test('a data address is read where it stands', async () => {
  const [file] = files({ name: 'a.txt', contentType: 'text/plain', contentUrl: `data:text/plain;base64,${bytes.toString('base64')}` });
  expect(Buffer.from((await file?.read(signal)) ?? [])).toEqual(bytes);
});

test('a file over the limit is refused with the limit', async () => {
  const [file] = files({ name: 'a.txt', contentType: 'text/plain', contentUrl: `data:text/plain;base64,${Buffer.alloc(2_000).toString('base64')}` });
  await expect(file?.read(signal)).rejects.toMatchObject({ code: 'too-large', limitBytes: 1_000 });
});

test.each<[string, unknown]>([
  ['a card', { contentType: 'application/vnd.microsoft.card.adaptive', content: {} }],
  ['the HTML twin of a Teams message', { contentType: 'text/html', content: '<p>hi</p>' }],
  ['a Teams file without an address', { name: 'a.vtt', contentType: 'application/vnd.microsoft.teams.file.download.info', content: {} }],
])('%s is no file', (_what, attachment) => {
  expect(files(attachment)).toEqual([]);
});

test('attachments that are no list are no files', () => {
  expect(filesOf({ attachments: 'x' } as unknown as Partial<Activity>, options)).toEqual([]);
});

test.each([
  'http://contoso.sharepoint.com/file',
  'https://evil.example/file',
  'https://contoso.sharepoint.com.evil.example/file',
  'https://169.254.169.254/latest/meta-data',
  'https://localhost/file',
  'https://[::1]/file',
  'file:///etc/passwd',
  'ftp://contoso.sharepoint.com/file',
])('nothing is fetched from %s', async (downloadUrl) => {
  const [file] = files({ name: 'a.vtt', contentType: 'application/vnd.microsoft.teams.file.download.info', content: { downloadUrl } });
  await expect(file?.read(signal)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('not fetched') });
});

test.each(['not an address', '', 'data:,%E0%A4%A'])('the broken address "%s" is a file that cannot be read, not a crash', async (contentUrl) => {
  const [file] = files({ name: 'a.vtt', contentType: 'text/vtt', contentUrl });
  if (file) await expect(file.read(signal)).rejects.toMatchObject({ name: 'FileError' });
});

test('a known host without a public address is unavailable', async () => {
  const [file] = files({ name: 'a.vtt', contentType: 'application/vnd.microsoft.teams.file.download.info', content: { downloadUrl: 'https://nobody-has-this-name.sharepoint.com/x' } });
  await expect(file?.read(signal)).rejects.toMatchObject({ code: 'unavailable' });
});
