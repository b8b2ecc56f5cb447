import {words} from '../text/language.ts';

/** What a type is called on the page; a visitor's own type by the name it was given. */
export function typeName(type: string): string {
  const {types} = words();
  return Object.hasOwn(types, type) ? types[type] : type;
}
