import type {Browser} from 'playwright-core';

export const FLAGS: readonly string[];
export function findChromium(): string | undefined;
export function launchChromium(): Promise<Browser>;
