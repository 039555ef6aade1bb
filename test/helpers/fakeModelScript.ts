/** What the fake model does with one call. Plays as a stream or as one body, whichever the call asks for. */
export type Script =
  | TextScript
  | { readonly kind: 'tools'; readonly calls: readonly { readonly name: string; readonly arguments: unknown }[]; readonly text?: string }
  | { readonly kind: 'refusal'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: object | string }
  /** No answer; the connection stays open. */
  | { readonly kind: 'hang' }
  /** The connection is cut before anything is sent. */
  | { readonly kind: 'drop' }
  /** A stream that sends some pieces and then goes wrong. */
  | { readonly kind: 'broken'; readonly pieces: readonly string[]; readonly how: 'stall' | 'cut' | 'end' | 'bad-json' | 'error-event' };

export interface TextScript {
  readonly kind: 'text';
  readonly text: string;
  readonly finishReason?: 'stop' | 'length' | 'content_filter';
  /** False: the service does not count. */
  readonly usage?: boolean;
  /** Headers of the answer, such as what is left of a rate limit. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What Azure's filters say: `content_filter_results` of prompt and answer. */
  readonly filters?: { readonly prompt?: object; readonly answer?: object };
  /** Holds the answer back, headers and all, until the test releases it. */
  readonly opensAfter?: Pace;
  /** Holds every piece of a stream back until the test releases it. */
  readonly pace?: Pace;
}

export const say = (text: string, options: Omit<TextScript, 'kind' | 'text'> = {}): TextScript => ({ kind: 'text', text, ...options });

export const sayJson = (value: unknown): TextScript => say(JSON.stringify(value));

export const callTool = (name: string, values: unknown, text?: string): Script =>
  ({ kind: 'tools', calls: [{ name, arguments: values }], ...(text !== undefined && { text }) });

export interface Pace {
  /** Lets `count` more pieces out; all the rest when absent. */
  release(count?: number): void;
  /** Used by the fake: resolves when the next piece may go. */
  turn(): Promise<void>;
}

export function createPace(): Pace {
  let allowed = 0;
  const waiting: (() => void)[] = [];
  return {
    release: (count = Number.POSITIVE_INFINITY) => {
      allowed += count;
      while (allowed > 0 && waiting.length > 0) {
        allowed -= 1;
        waiting.shift()?.();
      }
    },
    turn: () =>
      new Promise((go) => {
        if (allowed <= 0) {
          waiting.push(go);
          return;
        }
        allowed -= 1;
        go();
      }),
  };
}

const refuse = (status: number, error: object, headers: Readonly<Record<string, string>> = {}): Script => ({ kind: 'refusal', status, headers, body: { error } });

/** 429 as Azure sends it; give `retry-after-ms`, `retry-after`, or nothing. */
export const tooManyRequests = (headers: Readonly<Record<string, string>> = {}): Script =>
  refuse(429, { code: '429', message: 'Requests to the ChatCompletions_Create Operation have exceeded the token rate limit.' }, headers);

export const outOfQuota = (): Script => refuse(429, { code: 'insufficient_quota', type: 'insufficient_quota', param: null, message: 'You exceeded your current quota.' });

export const serverError = (status = 500): Script => refuse(status, { code: 'InternalServerError', message: 'The server had an error.' });

/** What a proxy between us and the service answers. */
export const badGatewayPage = (): Script =>
  ({ kind: 'refusal', status: 502, headers: { 'content-type': 'text/html' }, body: '<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>' });

/** The prompt was filtered (Learn, "Content filtering"). */
export const promptFiltered = (): Script =>
  refuse(400, {
    message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
    type: null,
    param: 'prompt',
    code: 'content_filter',
    status: 400,
    innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: { hate: { filtered: false, severity: 'safe' }, jailbreak: { filtered: true, detected: true } } },
  });

/** What the filters say of harmless text; and where they could not judge it. */
export const harmless = { hate: { filtered: false, severity: 'safe' }, violence: { filtered: false, severity: 'low' }, jailbreak: { filtered: false, detected: false } };
export const filterUnavailable = { error: { code: 'content_filter_error', message: 'The contents are not filtered' } };

export const unsupportedParameter = (param: string, message = `Unsupported parameter: '${param}' is not supported with this model.`): Script =>
  refuse(400, { message, type: 'invalid_request_error', param, code: 'unsupported_parameter' });

export const contextTooLong = (): Script =>
  refuse(400, { message: "This model's maximum context length is 8192 tokens.", type: 'invalid_request_error', param: 'messages', code: 'context_length_exceeded' });

export const deploymentNotFound = (): Script => refuse(404, { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' });

export const unauthorized = (status = 401): Script => refuse(status, { code: String(status), message: 'Access denied due to invalid subscription key.' });
