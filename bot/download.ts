import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, buildConnector, request, type Dispatcher } from 'undici';
import { FileError } from '../threads/error';
import { isPublicAddress } from './publicAddress';

/** The bytes behind an address, at most `maxBytes`. Throws FileError. */
export type Download = (address: string, maxBytes: number, signal: AbortSignal) => Promise<Uint8Array>;

/** The way to the internet, which tests replace. */
export interface FileNetwork {
  /** All IP addresses of a name. */
  readonly resolve: (hostname: string) => Promise<readonly string[]>;
  /** Opens the connection for a request to `options.hostname`, at this IP address and no other. */
  readonly connect: (address: string, options: buildConnector.Options, callback: buildConnector.Callback) => void;
}

export interface DownloadOptions {
  /** True for the bot's channels: they keep files too. */
  readonly isAllowed: (serviceUrl: string) => boolean;
  /** The bot's token for a channel, which asks for it; undefined for all others. */
  readonly token: (serviceUrl: string) => Promise<string | undefined>;
  readonly network?: FileNetwork;
  /** Hosts that keep files for everybody who has their address, in place of those of OneDrive and SharePoint. */
  readonly fileHosts?: readonly RegExp[];
}

/** Where Azure OpenAI and OpenAI put pictures that they do not send in the answer itself. */
export const PICTURE_HOSTS: readonly RegExp[] = [/\.blob\.core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)$/];

const LIMIT_MS = 20_000;
const MAX_REDIRECTS = 3; // links of SharePoint lead to where the file is

/**
 * Fetches files from where Teams and the Bot Framework keep them, and from nowhere else: every address on the way is
 * looked at anew, its name is resolved once, and the connection goes to that public IP address alone.
 */
export function createDownload({ isAllowed, token, network = internet, fileHosts = FILE_HOSTS }: DownloadOptions): Download {
  const isFileHost = (url: URL): boolean => isPlainHttps(url) && fileHosts.some((host) => host.test(url.hostname));
  const check = (url: URL | undefined): URL => {
    if (!url) throw new FileError('unavailable', 'The address of the file is none.');
    if (!isFileHost(url) && !isAllowed(serviceOf(url))) throw new FileError('unavailable', `Files are not fetched from ${url.hostname}.`);
    return url;
  };
  return async (address, maxBytes, signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    let url = check(URL.parse(address) ?? undefined);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const outcome = await fetchOnce(url, { token: isFileHost(url) ? noToken : token, network, maxBytes, signal: limit });
      if (!('location' in outcome)) return outcome.bytes;
      url = check(URL.parse(outcome.location, url.href) ?? undefined);
    }
    throw new FileError('unavailable', `${url.hostname} redirects without end.`);
  };
}

/** OneDrive and SharePoint, and what they lead to. */
const FILE_HOSTS = [/\.sharepoint\.(com|us|cn)$/, /\.sharepoint-df\.com$/, /\.1drv\.com$/, /\.svc\.ms$/];

const isPlainHttps = (url: URL): boolean => url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';

const noToken = (): Promise<undefined> => Promise.resolve(undefined);

/** As a service URL, which is all that tells whether a token goes there. A user name in it makes it none. */
const serviceOf = (url: URL): string => (url.username || url.password ? '' : `${url.origin}/`);

type Outcome = { readonly bytes: Uint8Array } | { readonly location: string };

interface Fetch {
  readonly token: DownloadOptions['token'];
  readonly network: FileNetwork;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

async function fetchOnce(url: URL, { token, network, maxBytes, signal }: Fetch): Promise<Outcome> {
  const address = await publicAddress(url.hostname, network);
  const dispatcher = new Agent({ allowH2: false, connect: (options, callback) => network.connect(address, options, callback), headersTimeout: LIMIT_MS, bodyTimeout: LIMIT_MS });
  try {
    const bearer = await token(serviceOf(url));
    const response = await request(url, { dispatcher, signal, headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });
    return await readOutcome(url, response, maxBytes);
  } catch (error) {
    throw error instanceof FileError ? error : new FileError('unavailable', `${url.hostname} did not give the file.`, { cause: error });
  } finally {
    dispatcher.destroy().catch(() => undefined);
  }
}

/** A name with a private address among others is as bad as one with private addresses alone. */
async function publicAddress(hostname: string, { resolve }: FileNetwork): Promise<string> {
  const addresses = await resolve(hostname).catch((): readonly string[] => []);
  const [first] = addresses;
  if (first === undefined || !addresses.every(isPublicAddress)) throw new FileError('unavailable', `${hostname} has no public address.`);
  return first;
}

const REDIRECTS = [301, 302, 303, 307, 308];

async function readOutcome(url: URL, { statusCode, headers, body }: Dispatcher.ResponseData, maxBytes: number): Promise<Outcome> {
  if (REDIRECTS.includes(statusCode) && typeof headers.location === 'string') return { location: headers.location };
  if (statusCode !== 200) throw new FileError('unavailable', `${url.hostname} answered ${statusCode}.`);
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks) };
}

export const tooLarge = (maxBytes: number): FileError => new FileError('too-large', `The file is larger than ${Math.round(maxBytes / 1024 / 1024)} MB.`, { limitBytes: maxBytes });

const openSocket = buildConnector({ timeout: 5_000, allowH2: false });

/** The certificate is checked against the name, whatever the address. */
const internet: FileNetwork = {
  resolve: async (hostname) => (isIP(hostname) ? [hostname] : (await lookup(hostname, { all: true })).map(({ address }) => address)),
  connect: (address, options, callback) => openSocket({ ...options, hostname: address, servername: options.servername ?? options.hostname }, callback),
};
