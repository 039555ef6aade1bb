import { createDownload, PICTURE_HOSTS } from '../../bot/download';
import { isPublicAddress } from '../../bot/publicAddress';
import { startFileNetwork, type FakeFileNetwork } from '../helpers/fileNetwork';
import type { RecordedRequest, ServerAnswer } from '../helpers/httpServer';

const publicAddress = '52.112.0.1';
const signal = new AbortController().signal;

describe('a download', () => {
  let network: FakeFileNetwork;
  let answer: (request: RecordedRequest) => ServerAnswer;

  beforeAll(async () => {
    network = await startFileNetwork({
      'contoso.sharepoint.com': [[publicAddress]],
      'other.sharepoint.com': [['52.112.0.2', '2603:1000::1']],
      'smba.trafficmanager.net': [[publicAddress]],
      'evil.example': [[publicAddress]],
      'inside.sharepoint.com': [['10.0.0.1']],
      'half.sharepoint.com': [[publicAddress, '127.0.0.1']],
      'rebinding.sharepoint.com': [[publicAddress], ['127.0.0.1']],
    }, (request) => answer(request));
  });
  afterAll(() => network.close());

  const download = (address: string, maxBytes = 1_000): Promise<Uint8Array> =>
    createDownload({ network, isAllowed: (url) => url === 'https://smba.trafficmanager.net/', token: async () => 'bot-token' })(address, maxBytes, signal);
  const newConnections = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    const before = network.connections.length;
    await work().catch(() => undefined);
    return network.connections.slice(before).map(({ hostname, address }) => `${hostname} ${address}`);
  };

  test('gives the bytes, from the address that the name was resolved to, without the bot\'s token', async () => {
    answer = () => ({ status: 200, text: 'WEBVTT' });
    expect(Buffer.from(await download('https://contoso.sharepoint.com/x?a=1')).toString()).toBe('WEBVTT');
    expect(network.connections.at(-1)).toEqual({ hostname: 'contoso.sharepoint.com', address: publicAddress });
    expect(network.requests.at(-1)).toMatchObject({ path: '/x', headers: expect.not.objectContaining({ authorization: expect.anything() }) });
  });

  test('from a channel shows the bot\'s token, and not to where it redirects', async () => {
    answer = ({ headers }) => (headers.host === 'smba.trafficmanager.net' ? { status: 302, headers: { location: 'https://contoso.sharepoint.com/y' } } : { status: 200, text: 'y' });
    const before = network.requests.length;
    await download('https://smba.trafficmanager.net/amer/v3/attachments/1/views/original');
    expect(network.requests.slice(before).map(({ headers }) => [headers.host, headers.authorization])).toEqual([
      ['smba.trafficmanager.net', 'Bearer bot-token'],
      ['contoso.sharepoint.com', undefined],
    ]);
  });

  test('follows a redirect to another allowed host, by a relative address too', async () => {
    answer = ({ headers, path }) => {
      if (headers.host === 'contoso.sharepoint.com') return { status: 302, headers: { location: 'https://other.sharepoint.com/a' } };
      return path === '/a' ? { status: 307, headers: { location: 'b' } } : { status: 200, text: path };
    };
    expect(Buffer.from(await download('https://contoso.sharepoint.com/x')).toString()).toBe('/b');
  });

  test.each(['https://evil.example/', 'http://contoso.sharepoint.com/x', 'https://127.0.0.1/', 'http://169.254.169.254/latest', 'file:///etc/passwd', '//evil.example/x', 'https://inside.sharepoint.com/x', 'https://user@contoso.sharepoint.com/', 'https://contoso.sharepoint.com:8443/'])('does not follow a redirect to %s', async (location) => {
    answer = () => ({ status: 302, headers: { location } });
    expect(await newConnections(() => download('https://contoso.sharepoint.com/x'))).toEqual([`contoso.sharepoint.com ${publicAddress}`]);
  });

  test('ends after three redirects', async () => {
    answer = () => ({ status: 302, headers: { location: 'https://contoso.sharepoint.com/again' } });
    expect(await newConnections(() => download('https://contoso.sharepoint.com/x'))).toHaveLength(4);
  });

  test.each(['https://inside.sharepoint.com/x', 'https://half.sharepoint.com/x', 'https://nobody.sharepoint.com/x', 'https://evil.example/x', 'https://contoso.sharepoint.com./x', 'nonsense', 'https://smba.trafficmanager.net@evil.example/'])('opens no connection for %s', async (address) => {
    expect(await newConnections(() => download(address))).toEqual([]);
    await expect(download(address)).rejects.toMatchObject({ name: 'FileError', code: 'unavailable' });
  });

  test('connects where the name led to when it was checked, not where it leads to a moment later', async () => {
    answer = () => ({ status: 200, text: 'x' });
    expect(await newConnections(() => download('https://rebinding.sharepoint.com/x'))).toEqual([`rebinding.sharepoint.com ${publicAddress}`]);
    expect(await newConnections(() => download('https://rebinding.sharepoint.com/x'))).toEqual([]);
  });

  test.each<[string, ServerAnswer]>([
    ['says that it is', { status: 200, text: 'x'.repeat(2_000) }],
    ['does not say how large it is', { status: 200, text: 'x'.repeat(2_000), headers: { 'transfer-encoding': 'chunked' } }],
  ])('of a file that is too large and %s ends with the limit', async (_what, large) => {
    answer = () => large;
    await expect(download('https://contoso.sharepoint.com/x')).rejects.toMatchObject({ code: 'too-large', limitBytes: 1_000 });
  });

  test.each<[string, ServerAnswer]>([['404', { status: 404, text: 'gone' }], ['a cut connection', 'drop'], ['a redirect to nowhere', { status: 302 }]])('that meets %s is unavailable', async (_what, given) => {
    answer = () => given;
    await expect(download('https://contoso.sharepoint.com/x')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test.each<[string, boolean]>([
  ['52.112.0.1', true], ['8.8.8.8', true], ['172.15.0.1', true], ['172.32.0.1', true], ['100.63.0.1', true], ['2603:1000::1', true],
  ['0.0.0.0', false], ['10.1.2.3', false], ['100.64.0.1', false], ['100.127.255.255', false], ['127.0.0.1', false], ['127.255.0.1', false],
  ['169.254.169.254', false], ['168.63.129.16', false], ['172.16.0.1', false], ['172.31.255.255', false], ['192.168.1.1', false], ['192.0.0.192', false],
  ['198.18.0.1', false], ['224.0.0.1', false], ['240.0.0.1', false], ['255.255.255.255', false],
  ['::', false], ['::1', false], ['::ffff:127.0.0.1', false], ['::ffff:8.8.8.8', false], ['::127.0.0.1', false], ['64:ff9b::a00:1', false], ['64:ff9b:1::1', false],
  ['fc00::1', false], ['fd12::1', false], ['fe80::1', false], ['fe80::1%eth0', false], ['ff02::1', false], ['2001::1', false], ['2001:db8::1', false], ['2002:7f00:1::', false],
  ['', false], ['localhost', false], ['127.1', false], ['0x7f000001', false], ['2130706433', false],
])('%s is public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});

describe('a picture that a model service keeps', () => {
  let network: FakeFileNetwork;
  beforeAll(async () => {
    network = await startFileNetwork({
      'pictures.blob.core.windows.net': [[publicAddress]],
      'inside.blob.core.windows.net': [['10.0.0.4']],
      'contoso.sharepoint.com': [[publicAddress]],
      'blob.core.windows.net.evil.example': [[publicAddress]],
    }, () => ({ status: 200, text: 'picture' }));
  });
  afterAll(() => network.close());

  const download = (address: string, maxBytes = 1_000): Promise<Uint8Array> =>
    createDownload({ network, isAllowed: () => false, token: async () => 'bot-token', fileHosts: PICTURE_HOSTS })(address, maxBytes, signal);

  test('is fetched by its address alone, without a token', async () => {
    expect(Buffer.from(await download('https://pictures.blob.core.windows.net/one.png?sig=x')).toString()).toBe('picture');
    expect(network.requests.at(-1)).toMatchObject({ headers: expect.not.objectContaining({ authorization: expect.anything() }) });
    await expect(download('https://pictures.blob.core.windows.net/one.png', 3)).rejects.toMatchObject({ code: 'too-large' });
  });

  test.each([
    'http://pictures.blob.core.windows.net/one.png', 'https://inside.blob.core.windows.net/one.png', 'https://contoso.sharepoint.com/one.png', 'https://blob.core.windows.net.evil.example/one.png',
    'https://pictures.blob.core.windows.net:8443/one.png', 'https://user@pictures.blob.core.windows.net/one.png', 'https://169.254.169.254/one.png', 'data:image/png;base64,AAAA', 'file:///etc/passwd',
  ])('is not fetched from %s', async (address) => {
    const before = network.connections.length;
    await expect(download(address)).rejects.toMatchObject({ code: 'unavailable' });
    expect(network.connections).toHaveLength(before);
  });
});
