/** Lets the edges of what scrolls sideways fade where there is more, so that it does not look cut off. */
export function fadingEdges(frame: HTMLElement): void {
  const update = () => {
    const { scrollLeft, scrollWidth, clientWidth } = frame;
    frame.classList.toggle('more-before', scrollLeft > 1);
    frame.classList.toggle('more-after', scrollLeft + clientWidth < scrollWidth - 1);
  };
  frame.classList.add('fading');
  frame.addEventListener('scroll', update, { passive: true });
  const observer = new ResizeObserver(update);
  observer.observe(frame);
  for (const child of frame.children) observer.observe(child);
}
