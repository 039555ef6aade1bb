import type { Migration } from './migrations';

export const directLineMigrations: readonly Migration[] = [];
