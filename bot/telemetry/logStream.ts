import { SeverityNumber, type Logger } from '@opentelemetry/api';
import type { DestinationStream } from 'pino';
import { z } from 'zod';
import type { Spans } from './spans';

/** pino's levels. */
const severities: readonly (readonly [number, SeverityNumber, string])[] = [
  [60, SeverityNumber.FATAL, 'FATAL'],
  [50, SeverityNumber.ERROR, 'ERROR'],
  [40, SeverityNumber.WARN, 'WARN'],
  [30, SeverityNumber.INFO, 'INFO'],
  [20, SeverityNumber.DEBUG, 'DEBUG'],
];

const lineShape = z.looseObject({ level: z.number(), time: z.number(), msg: z.string().default('') });
/** They stand in the resource, or in the record itself. */
const REPEATED = ['pid', 'hostname', 'traceId', 'spanId'];

/** Sends the lines of the log. What may stand in one has been decided before it was written (bot/log.ts). */
export function createLogStream(logger: Logger, spans: Spans): DestinationStream {
  return {
    write: (line: string) => {
      const { level, time, msg, ...fields } = lineShape.parse(JSON.parse(line)); // written by pino
      const [, severityNumber, severityText] = severities.find(([least]) => level >= least) ?? [0, SeverityNumber.TRACE, 'TRACE'];
      logger.emit({ timestamp: time, severityNumber, severityText, body: msg, attributes: attributesOf(fields), context: spans.context });
    },
  };
}

const attributesOf = (fields: object): Record<string, string | number | boolean> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !REPEATED.includes(name)).map(([name, value]: [string, unknown]) => [name, plain(value)]));

const plain = (value: unknown): string | number | boolean =>
  (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : JSON.stringify(value));
