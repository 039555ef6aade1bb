import { Allowance } from './allowance';
import type { Bell } from './bell';
import { Breaker, type BreakerChange } from './breaker';
import type { TokenProvider } from './credential';
import type { Deployment } from './deployments';
import type { AIError } from './error';
import { connectOpenAI, type Connection, type ModelLimits } from './openaiConnection';
import { Silence } from './silence';

/** A deployment, what is known of its health, and what may go to it. */
export interface Target {
  readonly deployment: Deployment;
  readonly connection: Connection;
  readonly breaker: Breaker;
  readonly allowance: Allowance;
  readonly silence: Silence;
}

export interface TargetOptions {
  readonly limits: ModelLimits;
  /** Tokens of Entra ID, for deployments that want them. */
  readonly tokenFor?: (deployment: Deployment) => TokenProvider | undefined;
  readonly onChange?: (change: BreakerChange) => void;
}

export function openTarget(deployment: Deployment, { limits, tokenFor, onChange }: TargetOptions): Target {
  const allowance = new Allowance(deployment.limits);
  const token = tokenFor?.(deployment);
  const connection = connectOpenAI(deployment, limits, { ...(token && { token }), onHeaders: (headers) => allowance.note(headers) });
  return { deployment, connection, breaker: new Breaker({ ...(onChange && { onChange }) }), allowance, silence: new Silence() };
}

/** Milliseconds until a request of so many tokens may go to it; Infinity: when another request has ended. */
export const waitMsOf = ({ breaker, allowance }: Target, tokens: number): number => Math.max(breaker.waitMs(), allowance.waitMs(tokens));

/** The right to send one request to a target; `release` must be called at the end. */
export interface Lease {
  readonly target: Target;
  /** It is the one that finds out whether the target is back. */
  readonly isTrial: boolean;
  /** The target is to begin its answer soon. */
  expectAnswer(): void;
  /** It has taken the request. */
  begun(): void;
  /** It answers: it is well. */
  answered(): void;
  failed(failure: AIError): void;
  release(): void;
}

export function leaseOf(target: Target, tokens: number, bell: Bell): Lease {
  const { breaker, allowance, silence } = target;
  const request = {};
  const isTrial = breaker.begin();
  let isUndecided = isTrial;
  allowance.take(tokens);
  return {
    target,
    isTrial,
    expectAnswer: () => silence.begin(request),
    begun: () => silence.end(request),
    answered: () => {
      isUndecided = false;
      silence.end(request);
      breaker.answered(isTrial);
      bell.ring();
    },
    failed: (failure) => {
      breaker.failed(failure, isUndecided);
      isUndecided = false;
    },
    release: () => {
      allowance.release();
      silence.end(request);
      if (isUndecided) breaker.abandoned();
      bell.ring();
    },
  };
}
