import type { Migration } from './migrations';

export const turnMigrations: readonly Migration[] = [];
