import {useId, useRef} from 'preact/hooks';

export interface TabsProps {
  label: string;
  tabs: readonly {key: string; title: string; colour?: string}[];
  chosen: string;
  onChoose(key: string): void;
  children: preact.ComponentChildren;
}

/** Tabs over one panel; the arrow keys go from one to the next, Home and End to the first and the last. */
export function Tabs({label, tabs, chosen, onChoose, children}: TabsProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const now = tabs.findIndex(({key}) => key === chosen);
    const last = tabs.length - 1;
    const next = {
      ArrowRight: now === last ? 0 : now + 1,
      ArrowLeft: now === 0 ? last : now - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onChoose(tabs[next].key);
    (list.current!.children[next] as HTMLElement).focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map(({key, title, colour}, i) => (
          <button
            type="button"
            role="tab"
            key={key}
            id={`${id}-${i}`}
            aria-selected={key === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={key === chosen ? 0 : -1}
            onClick={() => onChoose(key)}
          >
            {colour && <span class="dot" style={{'--c': colour}} />}
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tabs.findIndex(({key}) => key === chosen)}`}>
        {children}
      </div>
    </>
  );
}
