import {computed, signal} from '@preact/signals';

import {started} from './session.ts';
import {examples} from './tagging.ts';

/** Types that the visitor named. */
const named = signal<readonly string[]>([]);

/** The model's types, and those that it is to learn. */
export const types = computed<string[]>(() => {
  const wanted = [...examples.value.values()].flatMap(({spans}) => spans.map(({type}) => type));
  return [...new Set([...modelTypes.value, ...named.value, ...wanted])];
});

const modelTypes = computed(() => started.value?.types ?? []);

/** Whether the model has yet to learn a type. */
export const isNew = (type: string): boolean => started.value !== null && !modelTypes.value.includes(type);

export function nameType(type: string): void {
  named.value = [...named.peek(), type];
}
