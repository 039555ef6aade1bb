import { z } from 'zod';
import { openStream } from './directLine';
import type { ShownActivity } from './channelConversation';
import type { ParleyHost } from './parley';

export interface WebFile {
  readonly name: string;
  readonly type: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
}

const tokenShape = z.object({ token: z.string(), userId: z.string(), domain: z.string(), conversationId: z.string() });
const startShape = z.object({ streamUrl: z.string() });
const historyShape = z.object({ activities: z.array(z.looseObject({ id: z.string(), type: z.string() })), watermark: z.string() });

/** A visitor of the page: the token, the conversation and its stream, over the public addresses. */
export async function openWebChat({ url, settled }: ParleyHost, lastToken?: string) {
  const issued = await fetch(`${url}/api/webchat/token`, { method: 'POST', body: JSON.stringify(lastToken === undefined ? {} : { token: lastToken }) });
  const { token, userId, domain, conversationId } = tokenShape.parse(await issued.json());
  const headers = { authorization: `Bearer ${token}` };
  const opened = await fetch(`${domain}/conversations`, { method: 'POST', headers, body: JSON.stringify({ locale: 'en-US' }) });
  const stream = await openStream(startShape.parse(await opened.json()).streamUrl);
  const address = `${domain}/conversations/${conversationId}`;

  async function history(watermark = ''): Promise<z.infer<typeof historyShape>> {
    return historyShape.parse(await (await fetch(`${address}/activities?watermark=${watermark}`, { headers })).json());
  }

  /** Posts; gives what the bot answered once it has done with it. */
  async function exchange(send: () => Promise<Response>): Promise<readonly ShownActivity[]> {
    await settled();
    const { watermark } = await history();
    const { status } = await send();
    if (status !== 200) throw new Error(`Direct Line answered ${status}.`);
    await settled();
    return (await history(watermark)).activities.filter((activity) => isFromBot(activity));
  }

  const post = (activity: object): Promise<Response> =>
    fetch(`${address}/activities`, { method: 'POST', headers, body: JSON.stringify({ type: 'message', from: { id: userId }, ...activity }) });

  return {
    token,
    stream,
    post,
    settled,
    history: async () => (await history()).activities as readonly ShownActivity[],
    say: (text: string, more: object = {}) => exchange(() => post({ text, ...more })),
    /** Presses a button: Web Chat posts its data. */
    click: (value: unknown) => exchange(() => post({ value })),
    upload: (files: readonly WebFile[], text?: string) => exchange(() => fetch(`${address}/upload?userId=${userId}`, { method: 'POST', headers, body: formOf(files, text) })),
    /** Texts of the bot's live activities (typing and stream chunks), oldest first. */
    chunks: (): string[] => stream.activities().filter(({ type, text }: { type: string; text?: string }) => type === 'typing' && text).map(({ text }) => String(text)),
    close: () => stream.close(),
  };
}

export type WebChat = Awaited<ReturnType<typeof openWebChat>>;

const isFromBot = (activity: unknown): boolean => z.object({ from: z.object({ role: z.literal('bot') }) }).safeParse(activity).success;

function formOf(files: readonly WebFile[], text: string | undefined): FormData {
  const form = new FormData();
  if (text !== undefined) form.append('activity', new Blob([JSON.stringify({ type: 'message', text })], { type: 'application/vnd.microsoft.activity' }));
  for (const { name, type, content } of files) form.append('file', new Blob([content], { type }), name);
  return form;
}
