import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Request, Response, Server } from 'restify';
import { z } from 'zod';

const encodings = ['br', 'gzip', 'identity'] as const;
type Encoding = (typeof encodings)[number];

/** Written by web/build.mjs beside the files. */
const manifestSchema = z.object({
  files: z.array(z.object({
    /** As the build calls it, such as "chat.js". */
    name: z.string(),
    /** Address on our server. */
    url: z.string().startsWith('/'),
    contentType: z.string(),
    /** The content's hash. */
    hash: z.string(),
    /** The address has the hash in it: what it gives never changes. */
    immutable: z.boolean(),
    /** File name for each encoding. */
    encodings: z.object({ identity: z.string(), br: z.string().optional(), gzip: z.string().optional() }),
  })),
});

type StaticFile = z.infer<typeof manifestSchema>['files'][number];

/** The browser's files, ready to be served. */
export interface StaticFiles {
  /** Address of a file by its name in the build. Throws for a name that the build did not write. */
  urlOf(name: string): string;
  readonly files: readonly StaticFile[];
  read(fileName: string): Promise<Buffer>;
}

/** Reads the manifest of `directory`. Throws where the build has not run. */
export async function loadStaticFiles(directory: string): Promise<StaticFiles> {
  const { files } = manifestSchema.parse(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')));
  const contents = new Map<string, Promise<Buffer>>();
  return {
    files,
    urlOf(name) {
      const file = files.find((candidate) => candidate.name === name);
      if (!file) throw new Error(`The build has no file ${name} in ${directory}: run npm run build.`);
      return file.url;
    },
    // Read when first asked for: most people need one encoding, and memory is kept for that one only.
    read(fileName) {
      const content = contents.get(fileName) ?? readFile(join(directory, fileName));
      contents.set(fileName, content);
      return content;
    },
  };
}

/** One route for each file of the manifest, so that no path of a request ever reaches the file system. */
export function mountStaticFiles(server: Server, assets: StaticFiles): void {
  for (const file of assets.files) {
    const serve = async (request: Request, response: Response): Promise<void> => serveFile(assets, file, request, response);
    server.get(file.url, serve);
    server.head(file.url, serve);
  }
}

async function serveFile(assets: StaticFiles, file: StaticFile, request: Request, response: Response): Promise<void> {
  const encoding = chooseEncoding(file, request.headers['accept-encoding']);
  // One tag for each encoding: RFC 9110 8.8.3.3 wants different bytes to have different strong tags.
  const etag = `"${file.hash}-${encoding}"`;
  const headers = fileHeaders(file, encoding, etag);
  if (isFresh(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers); // restify's gives nothing back to call end() on
    response.end();
    return;
  }
  const content = await assets.read(file.encodings[encoding] ?? file.encodings.identity);
  response.writeHead(200, { ...headers, 'content-type': file.contentType, 'content-length': content.length });
  response.end(request.method === 'HEAD' ? undefined : content);
}

function fileHeaders(file: StaticFile, encoding: Encoding, etag: string): Record<string, string> {
  return {
    etag,
    vary: 'accept-encoding',
    'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
  };
}

/** The smallest encoding that the file has and the client takes. */
function chooseEncoding(file: StaticFile, accepted = ''): Encoding {
  const refused = /;\s*q=0(\.0+)?\s*$/;
  const names = accepted.split(',').filter((item) => !refused.test(item)).map((item) => item.split(';', 1)[0]?.trim().toLowerCase());
  return encodings.find((encoding) => file.encodings[encoding] && (encoding === 'identity' || names.includes(encoding))) ?? 'identity';
}

function isFresh(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
