import {useSignal} from '@preact/signals';
import {useId} from 'preact/hooks';

import {words} from '../text/language.ts';
import {nameType, types} from './state/types.ts';
import {typeName} from './type_name.ts';

const LONGEST = 24;

/** Names a type that the model is to learn, or one that is there already. */
export function NewType({onName}: {onName(type: string): void}) {
  const name = useSignal('');
  const id = useId();
  const add = (event: Event) => {
    event.preventDefault();
    const wanted = name.value.trim().replace(/\s+/g, ' ');
    if (wanted === '') return;
    const known = types.value.find(type => [type, typeName(type)].some(other => same(other, wanted)));
    if (known === undefined) nameType(wanted);
    onName(known ?? wanted);
    name.value = '';
  };
  return (
    <form class="new-type" onSubmit={add}>
      <label class="hidden" for={id}>
        {words().newType}
      </label>
      <input
        id={id}
        type="text"
        maxLength={LONGEST}
        autocomplete="off"
        placeholder={words().newType}
        title={words().newTypeHint}
        value={name.value}
        onInput={({currentTarget: {value}}) => (name.value = value)}
      />
      <button type="submit" disabled={name.value.trim() === ''}>
        {words().addType}
      </button>
    </form>
  );
}

const same = (a: string, b: string): boolean => a.toLocaleLowerCase() === b.toLocaleLowerCase();
