import { randomBytes } from 'node:crypto';
import type { Request, Response, Server } from 'restify';
import { spokenLanguages, wordsFor } from '../cards/words';
import type { Thread } from '../threads/thread';
import { chatPage } from './pages/chatPage';
import { pageHeaders } from './pages/headers';
import { preferredLanguage } from './pages/language';
import { threadNotFoundPage, threadPage } from './pages/threadPage';
import { transparencyPage } from './pages/transparencyPage';
import { loadStaticFiles, mountStaticFiles, type StaticFiles } from './staticFiles';

export interface PagesOptions {
  /** Where the build put the browser's files: dist/web. */
  readonly assetsDirectory: string;
  /** Undefined for the offline engine. */
  readonly modelName: string | undefined;
  /** Finds a stored thread by its unguessable id, whoever asks. */
  readonly openThread: (id: string) => Promise<Thread | undefined>;
  readonly maxUploadBytes?: number;
  /** A deployment listens to recordings. Not without it. */
  readonly takesRecordings?: boolean;
  /** Base of the addresses of pictures and recordings, where it is another than the page's own. */
  readonly publicUrl?: () => string;
  /** Origins that may show the chat in a frame, such as https://teams.microsoft.com. None without it. */
  readonly allowedFrameAncestors?: readonly string[];
  /** Origins besides our own that the chat talks to, such as https://directline.botframework.com. */
  readonly connectOrigins?: readonly string[];
}

const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;

/** Puts the pages and the browser's files on the server. Throws where the build has not run. */
export async function mountPages(server: Server, options: PagesOptions): Promise<void> {
  const assets = await loadStaticFiles(options.assetsDirectory);
  mountStaticFiles(server, assets);
  mountPage(server, '/', async (request, response) => answerChat(assets, options, request, response));
  mountPage(server, '/transparency', async (request, response) => answerTransparency(assets, request, response));
  mountPage(server, '/threads/:id', async (request, response) => answerThread(assets, options, request, response));
}

type Handler = (request: Request, response: Response) => Promise<void>;

function mountPage(server: Server, path: string, handler: Handler): void {
  // restify counts the parameters of an async handler: exactly two.
  const handle = async (request: Request, response: Response): Promise<void> => handler(request, response);
  server.get(path, handle);
  server.head(path, handle);
}

async function answerChat(assets: StaticFiles, options: PagesOptions, request: Request, response: Response): Promise<void> {
  const frameAncestors = options.allowedFrameAncestors ?? [];
  const page = pageOptions(assets, request);
  const body = chatPage({
    ...page,
    modelName: options.modelName,
    maxUploadBytes: options.maxUploadBytes ?? MAX_UPLOAD_BYTES,
    takesRecordings: options.takesRecordings ?? false,
    mayBeFramed: frameAncestors.length > 0,
  });
  const headers = pageHeaders({ nonce: page.nonce, host: request.headers.host, connectOrigins: options.connectOrigins, mediaOrigin: URL.parse(options.publicUrl?.() ?? '')?.origin, frameAncestors });
  // The nonce must be new for each request: nothing may keep the page.
  send(request, response, 200, { ...headers, 'cache-control': 'no-store' }, body);
}

async function answerThread(assets: StaticFiles, { openThread }: PagesOptions, request: Request, response: Response): Promise<void> {
  const page = pageOptions(assets, request);
  // restify types params as any; this route has one.
  const { id } = request.params as { readonly id: string };
  const thread = isThreadId(id) ? await openThread(id) : undefined;
  const body = thread ? threadPage(thread, page) : threadNotFoundPage(page);
  const headers = { ...pageHeaders({ nonce: page.nonce, host: request.headers.host }), 'cache-control': 'private, no-store', 'x-robots-tag': 'noindex' };
  send(request, response, thread ? 200 : 404, headers, body);
}

async function answerTransparency(assets: StaticFiles, request: Request, response: Response): Promise<void> {
  const page = pageOptions(assets, request);
  const note = await assets.read(noteFile(assets, page.language));
  const headers = { ...pageHeaders({ nonce: page.nonce, host: request.headers.host }), 'cache-control': 'no-store' };
  send(request, response, 200, headers, transparencyPage({ ...page, note: note.toString() }));
}

/** The note in a language that Parley speaks. Throws where the build has not copied it. */
function noteFile({ files }: StaticFiles, language: string): string {
  const name = language === 'en' ? 'transparency.md' : `transparency.${language}.md`;
  const file = files.find((candidate) => candidate.name === name);
  if (!file) throw new Error(`The build has no ${name}: translate docs/transparency.md, and run npm run build.`);
  return file.encodings.identity;
}

/** Ids that we made look so; the store need not see what somebody made up (PostgreSQL objects to NUL). */
const isThreadId = (id: string): boolean => /^[\w-]{1,100}$/.test(id);

function pageOptions(assets: StaticFiles, request: Request) {
  const language = preferredLanguage([localeOf(request), request.headers['accept-language']], spokenLanguages);
  return { words: wordsFor(language), language, nonce: randomBytes(16).toString('base64'), urlOf: (name: string) => assets.urlOf(name) };
}

/** `?locale=`: Teams has a language of its own, which its browser does not name. */
const localeOf = ({ url = '' }: Request): string | undefined => URL.parse(url, 'http://host')?.searchParams.get('locale') ?? undefined;

function send(request: Request, response: Response, status: number, headers: Record<string, string>, body: string): void {
  response.writeHead(status, { ...headers, vary: 'accept-language', 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}
