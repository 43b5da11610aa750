/** Pixels that may be hidden without a fading edge: the padding of what is at the end. */
const LITTLE = 8;

/** Lets the edges of what scrolls sideways fade where there is more, so that it does not look cut off. */
export function fadingEdges(frame: HTMLElement): void {
  const update = () => {
    const { scrollLeft, scrollWidth, clientWidth } = frame;
    frame.classList.toggle('more-before', scrollLeft > LITTLE);
    frame.classList.toggle('more-after', scrollLeft + clientWidth < scrollWidth - LITTLE);
  };
  frame.classList.add('fading');
  frame.addEventListener('scroll', update, { passive: true });
  const observer = new ResizeObserver(update);
  observer.observe(frame);
  for (const child of frame.children) observer.observe(child);
}
