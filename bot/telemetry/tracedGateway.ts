import type { CallReport } from '../../ai/call';
import type { Gateway } from '../../ai/gateway';
import type { Facts, OpenSpan, Tracing } from './tracing';

/** The same gateway; each call is a span, and what is sent meanwhile is below it. */
export function traceGateway(gateway: Gateway, tracing: Tracing): Gateway {
  return {
    ...gateway,
    call: (call, attempt, signal) => {
      const span = tracing.begin('model', { 'gen_ai.operation.name': call.capability, 'parley.operation': call.operation });
      const onReport = (report: CallReport): void => {
        span.note(factsOf(report));
        call.onReport?.(report);
      };
      return within(span, gateway.call({ ...call, onReport }, attempt, signal));
    },
  };
}

/** Names as in OpenTelemetry's conventions for generative AI, where they have one. */
const factsOf = ({ target, outcome, attempts, inputTokens, outputTokens, firstTextMs }: CallReport): Facts => ({
  'parley.outcome': outcome,
  'parley.attempts': attempts,
  'gen_ai.usage.input_tokens': inputTokens,
  'gen_ai.usage.output_tokens': outputTokens,
  ...(target && { 'gen_ai.request.model': target.name }),
  ...(target?.region !== undefined && { 'cloud.region': target.region }),
  ...(firstTextMs !== undefined && { 'parley.first_text_ms': firstTextMs }),
});

/** A generator runs wherever it is asked for more: each of its steps is brought below the span. */
async function* within<Event>(span: OpenSpan, events: AsyncGenerator<Event>): AsyncGenerator<Event> {
  try {
    for (let step = await span.run(() => events.next()); step.done !== true; step = await span.run(() => events.next())) yield step.value;
  } catch (error) {
    span.failed(error);
    throw error;
  } finally {
    await span.run(() => events.return(undefined));
    span.end();
  }
}
