import type {PlotOptions} from '@observablehq/plot';
import {useEffect, useRef, useState} from 'preact/hooks';

type Plot = typeof import('@observablehq/plot');

export interface FigureProps {
  /** What the figure shows, for those who do not see it. */
  label: string;
  /** Drawn anew when one of these changes. */
  data: readonly unknown[];
  options(plot: Plot, width: number): PlotOptions;
}

/** A drawing as wide as its place, in the colours of the page. */
export function Figure({label, data, options}: FigureProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    if (width === 0) return undefined;
    // Preact empties the ref as soon as the place is gone, and cleans up after the next paint: it may be null below.
    const target = place.current!;
    let current = true;
    void import('@observablehq/plot').then(plot => {
      if (!current) return;
      const drawing = plot.plot({
        width,
        style: {background: 'none', fontSize: '12px', overflow: 'visible'},
        ...options(plot, width),
      });
      drawing.setAttribute('aria-hidden', 'true');
      target.replaceChildren(drawing);
    });
    return () => {
      current = false;
    };
  }, [width, ...data]);

  return <div class="figure" role="img" aria-label={label} ref={place} />;
}
