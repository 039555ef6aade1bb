import { z } from 'zod';

/** The kinds of values that settings have. Each refusal completes the sentence that begins with the setting's name. */
export const list = z.string().default('').transform((text) => text.split(',').map((item) => item.trim()).filter(Boolean));

export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an address such as https://example.com' }).transform((url) => url.replace(/\/+$/, ''));

export const guid = z.guid({ error: 'must be an id such as 00000000-0000-0000-0000-000000000000' });

export const port = z.coerce.number({ error: 'must be a number' }).int('must be a whole number').min(0, 'must be 0 to 65535').max(65_535, 'must be 0 to 65535');

export const count = z.coerce.number({ error: 'must be a number' }).int('must be a whole number').min(0, 'must be 0 or more');

export const flag = z.enum(['true', 'false'], { error: 'must be true or false' }).default('false').transform((text) => text === 'true');

/** What keeps others out; long enough that nobody guesses it. */
export const secret = z.string().refine((text) => text.length >= 16 && !isPlaceholder(text), 'must be a secret of 16 characters or more, and not what stands for one in an example');

/** A key of a service: as long as the service likes it. */
export const key = z.string().refine((text) => !isPlaceholder(text), 'must be a key, and not what stands for one in an example');

/** Of Azure OpenAI. */
export const apiVersion = z.string({ error: 'must be v1, preview, or a date such as 2024-10-21' }).regex(/^(?:v1|preview|\d{4}-\d\d-\d\d(?:-preview)?)$/, 'must be v1, preview, or a date such as 2024-10-21');

/** Of Application Insights, as the portal shows it: `InstrumentationKey=…;IngestionEndpoint=https://…/;…` */
export const connectionString = z.string().transform(parts).pipe(z.object(
  { InstrumentationKey: z.guid(), IngestionEndpoint: z.url({ protocol: /^https$/ }), AADAudience: z.url().optional() },
  'must be a connection string of Application Insights, with InstrumentationKey and IngestionEndpoint',
));

/** `name=value,name=value`, values as %XX where need be (OpenTelemetry, "OTLP exporter configuration"). */
export const headers = list.pipe(z.array(z.string().regex(/^[\w-]+=[^\s,]+$/, 'must hold headers such as api-key=SECRET, separated by commas')))
  .transform((pairs) => Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), decodeURIComponent(pair.slice(pair.indexOf('=') + 1))])));

/** A path, or PostgreSQL's address. */
export const isStore = (text: string): boolean => !/^[a-z]{2,}:\/\//i.test(text) || (/^postgres(ql)?:/i.test(text) && URL.canParse(text));

/** `host` or `host:port` for https, `http://host` or `http://host:port`. */
export const host = z.string().refine((text) => isHost(text.replace(/^http:\/\//, '')), 'must hold hosts such as service.example.com or service.example.com:8443, separated by commas, without wildcards');

export const origin = z.url({ protocol: /^https?$/, hostname: /^[^*]+$/, error: 'must hold addresses such as https://www.example.com, separated by commas, without wildcards' });

const CALLER = /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})@(.+)$/i;

/** `APPID@HOST` */
export const caller = z.string()
  .refine((text) => isHost(CALLER.exec(text)?.[2] ?? ''), 'must hold callers such as 00000000-0000-0000-0000-000000000000@bot.example.com, separated by commas, without wildcards')
  .transform((text) => {
    const [, appId = '', callerHost = ''] = CALLER.exec(text) ?? [];
    return { appId: appId.toLowerCase(), host: callerHost.toLowerCase() };
  });

const PLACEHOLDERS = /^<.*>$|^\$\{.*\}$|^\{\{.*\}\}$|^(your|my)[-_ ]|(change|replace)[-_ ]?(me|this)|place[-_ ]?holder|^(secret|password)\d*$/i;

const isPlaceholder = (text: string): boolean => PLACEHOLDERS.test(text) || (text.length > 3 && new Set(text).size < 3);

/** A host, with a port or without, as parsers write it: no path, no user, nothing that can be understood in two ways. */
const isHost = (text: string): boolean => URL.canParse(`https://${text}`) && !text.includes('*') && new URL(`https://${text}`).origin === `https://${text.toLowerCase()}`;

function parts(text: string): Record<string, string> {
  return Object.fromEntries(text.split(';').filter((part) => part.includes('=')).map((part) => [part.slice(0, part.indexOf('=')).trim(), part.slice(part.indexOf('=') + 1).trim()]));
}
