import {useId, useRef} from 'preact/hooks';

export interface TabsProps {
  label: string;
  tabs: readonly {key: string; title: string; colour?: string}[];
  chosen: string;
  onChoose(key: string): void;
  children: preact.ComponentChildren;
}

/** Tabs over one panel; the arrow keys go from one to the next. */
export function Tabs({label, tabs, chosen, onChoose, children}: TabsProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (tabs.findIndex(({key}) => key === chosen) + step + tabs.length) % tabs.length;
    onChoose(tabs[next].key);
    (list.current!.children[next] as HTMLElement).focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map(({key, title, colour}) => (
          <button
            type="button"
            role="tab"
            key={key}
            id={`${id}-${key}`}
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
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${chosen}`}>
        {children}
      </div>
    </>
  );
}
