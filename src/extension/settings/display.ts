import { workspace } from 'vscode';
import { type ColourMapName, DEFAULT_COLOUR_MAP, isColourMapName } from '../../shared/maps/colourMaps';

/** How new heat maps are drawn, from the settings of VS Code. */
export function displayDefaults(): { readonly colourMap: ColourMapName; readonly opacity: number } {
  const configuration = workspace.getConfiguration('layerglass');
  const colourMap = configuration.get<string>('colourMap') ?? '';
  const opacity = configuration.get<number>('opacity') ?? 0.5;
  return {
    colourMap: isColourMapName(colourMap) ? colourMap : DEFAULT_COLOUR_MAP,
    opacity: Math.min(1, Math.max(0, opacity)),
  };
}
