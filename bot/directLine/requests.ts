import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { DirectLineStore } from '../../state/directLine';
import type { AddressLimit } from '../addressLimit';
import { chosenName } from '../names';
import { readJson } from '../readBody';
import { authenticate, grantFor, type Access } from './access';
import { parseActivity, userOf, type IncomingActivity } from './activities';
import { parseWatermark } from './activitySet';
import { newConversationId, type Conversations } from './conversations';
import { baseUrlOf } from './origins';
import { serviceErrors } from './serviceError';
import { TOKEN_LIFETIME_S, type Grant, type Tokens } from './tokens';
import { readUpload } from './upload';

export interface RequestsOptions {
  readonly store: DirectLineStore;
  readonly tokens: Tokens;
  readonly conversations: Conversations;
  readonly secret?: string;
  readonly botId: string;
  readonly publicUrl: () => string;
  readonly maxUploadBytes: number;
  readonly limitAddress: AddressLimit;
}

/** A request as the routes hand it on. */
export interface Call {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** '' where the route has none. */
  readonly conversationId: string;
  /** Resolves when the answer is out, or the connection gone. */
  readonly answered: Promise<void>;
}

/** Status and the body: a value for JSON, or JSON itself. */
export interface Answer {
  readonly status: number;
  readonly body: object | string;
}

export type Handler = (call: Call) => Promise<Answer>;

const MAX_JSON_BYTES = 1024 * 1024; // 100,000 characters of any script fit, even written as \uXXXX; the public service takes a quarter of it

/** The calls of Direct Line 3.0. All throw ServiceError, HttpError or StateError. */
export function createRequests(options: RequestsOptions) {
  const { tokens, conversations } = options;
  const access = (call: Call): Promise<Access> => authenticate(call.request, tokens, options.secret);
  const grant = async (call: Call): Promise<{ readonly grant: Grant; readonly isSecret: boolean }> => {
    const found = await access(call);
    return { grant: grantFor(found, call.conversationId), isSecret: found.kind === 'secret' };
  };
  /** Whoever holds the secret is a server, and speaks for many people. */
  const limited = <T extends { readonly isSecret: boolean }>(given: T, call: Call): T => {
    if (!given.isSecret) options.limitAddress(call.request);
    return given;
  };
  return {
    generateToken: async (call) => generateToken(options, await access(call), call),
    refreshToken: async (call) => {
      const found = await access(call);
      if (found.kind === 'secret') throw serviceErrors.badArgument('A secret cannot be refreshed');
      options.limitAddress(call.request);
      return ok({ ...(await tokenFor(tokens, found.grant)), expires_in: TOKEN_LIFETIME_S });
    },
    startConversation: async (call) => startConversation(options, await access(call), call),
    reconnect: async (call) => {
      const { grant: given } = await grant(call);
      const watermark = parseWatermark(call.query.get('watermark'));
      const { lastChange } = await conversations.find(call.conversationId);
      return ok({ ...(await tokenFor(tokens, given)), streamUrl: await streamUrl(options, call, given, Math.min(watermark ?? lastChange, lastChange)) });
    },
    readActivities: async (call) => {
      await grant(call);
      const { lastChange } = await conversations.find(call.conversationId);
      const after = Math.min(parseWatermark(call.query.get('watermark')) ?? 0, lastChange);
      return ok((await conversations.history(call.conversationId, after)).toJson());
    },
    postActivity: async (call) => {
      const given = limited(await grant(call), call);
      const activity = parseActivity(await readJson(call.request, MAX_JSON_BYTES));
      return ok({ id: await post(options, call, given, activity, activity.from?.id ?? undefined) });
    },
    upload: async (call) => upload(options, limited(await grant(call), call), call),
    sessionId: async (call) => {
      const found = await access(call);
      return ok({ sessionId: found.kind === 'secret' ? randomUUID() : sessionIdOf(found.grant) });
    },
  } satisfies Record<string, Handler>;
}

const ok = (body: object | string): Answer => ({ status: 200, body });

const user = z.preprocess(lowerCaseKeys, z.object({ id: z.string().max(256).nullish(), name: chosenName.nullish() })).nullish();
const tokenRequest = z.preprocess(lowerCaseKeys, z.object({ user, trustedorigins: z.array(z.string().max(2048)).max(100).nullish() }).nullish());
// A locale that is none is ignored, as DirectLineJS expects: the conversation starts in the bot's language.
const locale = z.string().regex(/^[a-z]{2,8}(-[a-z\d]{1,8}){0,8}$/i).optional().catch(undefined);
const startRequest = z.preprocess(lowerCaseKeys, z.object({ user, locale }).nullish());

/** The public service reads property names without regard to case; DirectLineJS's own tests send `{"User":{"Id":…}}`. */
function lowerCaseKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, property]) => [name.toLowerCase(), property as unknown]));
}

async function readRequest<T>(call: Call, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await readJson(call.request, MAX_JSON_BYTES));
  if (!parsed.success) throw serviceErrors.badArgument('The body has an unexpected shape');
  return parsed.data;
}

async function tokenFor(tokens: Tokens, grant: Grant): Promise<{ readonly conversationId: string; readonly token: string }> {
  return { conversationId: grant.conversationId, token: await tokens.issue(grant) };
}

async function generateToken({ tokens, botId }: RequestsOptions, access: Access, call: Call): Promise<Answer> {
  // A token is no secret: it cannot make others.
  if (access.kind !== 'secret') throw serviceErrors.invalidToken();
  const body = await readRequest(call, tokenRequest);
  const userId = body?.user?.id ?? undefined;
  if (userId === botId) throw serviceErrors.badArgument('User.id is the bot');
  const grant = { conversationId: newConversationId(), origins: body?.trustedorigins ?? [], ...(userId !== undefined && { userId }) };
  return ok({ ...(await tokenFor(tokens, grant)), expires_in: TOKEN_LIFETIME_S });
}

async function startConversation(options: RequestsOptions, access: Access, call: Call): Promise<Answer> {
  const body = await readRequest(call, startRequest);
  const isSecret = access.kind === 'secret';
  if (!isSecret) options.limitAddress(call.request);
  const given: Grant = isSecret ? { conversationId: newConversationId(), origins: [] } : access.grant;
  const claimed = body?.user?.id ?? given.userId;
  const userId = claimed === undefined ? randomUUID() : userOf(given, isSecret, claimed, options.botId);
  const name = body?.user?.name ?? undefined;
  const isNew = await options.conversations.start(given.conversationId, { id: userId, ...(name !== undefined && { name }) }, body?.locale);
  const { lastChange } = await options.conversations.find(given.conversationId);
  const granted = claimed === undefined ? given : { ...given, userId };
  return {
    status: isNew ? 201 : 200,
    body: {
      ...(await tokenFor(options.tokens, granted)),
      expires_in: TOKEN_LIFETIME_S,
      // Whoever starts a conversation gets all of it; whoever comes back without a watermark gets what is new.
      streamUrl: await streamUrl(options, call, granted, isNew ? 0 : lastChange),
    },
  };
}

/** Address of the stream, good for a minute: `wss://host/v3/directline/conversations/ID/stream?watermark=N&t=TOKEN`. */
async function streamUrl({ tokens, publicUrl }: RequestsOptions, call: Call, grant: Grant, after: number): Promise<string> {
  const base = baseUrlOf(call.request, publicUrl()).replace(/^http/, 'ws');
  const query = new URLSearchParams({ watermark: String(after), t: await tokens.issueStream(grant) });
  return `${base}/v3/directline/conversations/${encodeURIComponent(grant.conversationId)}/stream?${query.toString()}`;
}

type Given = { readonly grant: Grant; readonly isSecret: boolean };

async function post(
  options: RequestsOptions, call: Call, given: Given, activity: IncomingActivity, claimedId: string | undefined,
  files: Awaited<ReturnType<typeof readUpload>>['files'] = [],
): Promise<string> {
  const userId = userOf(given.grant, given.isSecret, claimedId, options.botId);
  const baseUrl = baseUrlOf(call.request, options.publicUrl());
  return options.conversations.post(call.conversationId, activity, { userId, files, baseUrl, answered: call.answered });
}

async function upload(options: RequestsOptions, given: Given, call: Call): Promise<Answer> {
  await options.conversations.find(call.conversationId);
  const { activity: part, files } = await readUpload(call.request, { maxFileBytes: options.maxUploadBytes, maxActivityBytes: MAX_JSON_BYTES });
  if (part === undefined && files.length === 0) throw serviceErrors.missingProperty('The upload has no file');
  const activity = parseActivity(part ?? { type: 'message' });
  const claimedId = call.query.get('userId') ?? activity.from?.id ?? undefined;
  return ok({ id: await post(options, call, given, activity, claimedId, files) });
}

/** The same for every call with tokens of a conversation and user. The public service ties sign-in to it; ours has no sign-in. */
function sessionIdOf({ conversationId, userId = '' }: Grant): string {
  return createHash('sha256').update(`${conversationId}\n${userId}`).digest('base64url');
}
