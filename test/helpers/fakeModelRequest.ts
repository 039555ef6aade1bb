import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { ChatMessage, ModelCall } from './fakeModelServer';
import { chatRequestProblem, responseRequestProblem } from './openaiSpec';

/** The call, in the words of chat completions whatever API it came by; or a sentence where it is not one that the service would take. */
export function readModelCall(request: IncomingMessage, sent: unknown): ModelCall | string {
  const route = routeOf(request);
  if (typeof route === 'string') return route;
  const api = apis[route.api];
  const problem = api.problem(sent);
  if (problem) return `Not a ${route.api.replace('-', ' ')} request: ${problem}`;
  const body = api.toBody(sent as Sent); // checked by the schema
  return { ...route, headers: request.headers, body: { ...body, model: route.deployment ?? body.model } };
}

type Route = Pick<ModelCall, 'flavor' | 'api' | 'deployment' | 'apiVersion'>;

const DATED = /^\d{4}-\d\d-\d\d(-preview)?$/;

/** What the path says, and whether the credential is in the header where that service looks for it. */
function routeOf({ method, url, headers }: IncomingMessage): Route | string {
  const { pathname, searchParams } = new URL(url ?? '', 'http://fake');
  const apiVersion = searchParams.get('api-version') ?? undefined;
  const [, base = '', api = ''] = /^(.*?)\/(chat\/completions|responses|completions)$/.exec(pathname) ?? [];
  const none = `There is no ${method ?? ''} ${url ?? ''}.`;
  if (method !== 'POST' || api === '') return none;
  const hasBearer = /^Bearer \S+/.test(headers.authorization ?? '');
  const named = { api: api === 'chat/completions' ? ('chat-completions' as const) : (api as Route['api']), ...(apiVersion !== undefined && { apiVersion }) };
  if (base === '/v1' || base === '/openai/v1') {
    if (apiVersion !== undefined && (base === '/v1' || apiVersion !== 'preview')) return none;
    return hasBearer ? { ...named, flavor: base === '/v1' ? 'openai' : 'azure' } : 'The request carries no bearer token.';
  }
  const deployment = /^\/openai\/deployments\/([^/]+)$/.exec(base)?.[1];
  const isThere = api === 'responses' ? base === '/openai' : deployment !== undefined;
  if (!isThere || !DATED.test(apiVersion ?? '')) return none;
  if (!hasBearer && !headers['api-key']) return 'The request carries neither a token nor an api-key.';
  if (hasBearer && headers['api-key']) return 'The request carries a token and an api-key.';
  return { ...named, flavor: 'azure', ...(deployment !== undefined && { deployment: decodeURIComponent(deployment) }) };
}

type Body = ModelCall['body'];
type Sent = Readonly<Record<string, unknown>>;

const completionShape = z.strictObject({
  model: z.string(),
  prompt: z.string(),
  stream: z.boolean().optional(),
  max_tokens: z.number().int().optional(),
  stop: z.array(z.string()).max(4).optional(),
  temperature: z.number().min(0).max(2).optional(),
  stream_options: z.strictObject({ include_usage: z.boolean() }).optional(),
});

const apis: Readonly<Record<Route['api'], { readonly problem: (body: unknown) => string | undefined; readonly toBody: (sent: Sent) => Body }>> = {
  'chat-completions': { problem: chatRequestProblem, toBody: (sent) => sent as Body },
  responses: { problem: responseRequestProblem, toBody: fromResponses },
  // OpenAI's description has the old completions no more: these are the parameters that it had
  completions: { problem: (body) => completionShape.safeParse(body).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '), toBody: fromCompletion },
};

const itemShape = z.object({ type: z.string().optional(), role: z.string().optional(), content: z.string().optional(), call_id: z.string().optional(), name: z.string().optional(), arguments: z.string().optional(), output: z.string().optional() });
const responsesShape = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  input: z.array(itemShape),
  tools: z.array(z.object({ name: z.string() })).optional(),
  text: z.object({ format: z.object({ type: z.string(), name: z.string().optional() }) }).optional(),
});

function fromResponses(sent: Sent): Body {
  const { input, tools, text, ...rest } = responsesShape.parse(sent);
  return {
    ...rest,
    messages: input.map(toMessage),
    ...(tools && { tools: tools.map((tool) => ({ function: tool })) }),
    ...(text && { response_format: { type: text.format.type, ...(text.format.name && { json_schema: { name: text.format.name } }) } }),
  };
}

function toMessage({ type, role, content, call_id: id = '', name = '', arguments: values = '', output }: z.infer<typeof itemShape>): ChatMessage {
  if (type === 'function_call') return { role: 'assistant', tool_calls: [{ id, function: { name, arguments: values } }] };
  return type === 'function_call_output' ? { role: 'tool', content: output ?? '' } : { role: role ?? '', content: content ?? '' };
}

function fromCompletion(sent: Sent): Body {
  const { prompt, ...rest } = completionShape.parse(sent);
  const turns = [...prompt.matchAll(/### (\w+):\n([^]*?)(?=\n\n### |$)/g)].map(([, role = '', content = '']) => ({ role, content }));
  return { ...rest, prompt, messages: turns.slice(0, -1) };
}
