import {useId} from 'preact/hooks';

export interface SliderProps {
  title: string;
  /** What can be chosen, from left to right. */
  values: readonly number[];
  value: number;
  disabled?: boolean;
  onChoose(value: number): void;
}

/** A slider over a list of numbers, with its title and the number that is chosen. */
export function Slider({title, values, value, disabled = false, onChoose}: SliderProps) {
  const id = useId();
  return (
    <div class="slider">
      <label for={id}>{title}</label>
      <output for={id}>{value}</output>
      <input
        id={id}
        type="range"
        min="0"
        max={values.length - 1}
        value={values.indexOf(value)}
        disabled={disabled}
        aria-valuetext={String(value)}
        onInput={({currentTarget}) => onChoose(values[Number(currentTarget.value)])}
      />
    </div>
  );
}
