import type { ChildProcess } from 'node:child_process';

/** What a child process tells, as messages that name their kind. */
export interface ChildMessages<M extends { readonly kind: string }> {
  /** Resolves with the next message of this kind. Rejects when the process ends before, or tells none within `limitMs`. */
  next<K extends M['kind']>(kind: K, limitMs: number): Promise<Extract<M, { readonly kind: K }>>;
}

/** `name` stands in errors: "The replica". The program of the child is part of the same build: its messages are not checked. */
export function messagesOf<M extends { readonly kind: string }>(child: ChildProcess, name: string): ChildMessages<M> {
  return {
    next: (kind, limitMs) => new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onExit);
        finish();
      };
      const onMessage = (message: unknown): void => {
        if ((message as M).kind === kind) settle(() => resolve(message as Extract<M, { readonly kind: typeof kind }>));
      };
      const onExit = (code: number | null): void => settle(() => reject(new Error(`${name} ended (code ${code ?? 'none'}).`)));
      const timer = setTimeout(() => settle(() => reject(new Error(`${name} told no "${kind}" for ${limitMs} ms.`))), limitMs);
      child.on('message', onMessage).on('exit', onExit);
    }),
  };
}
