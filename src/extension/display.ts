import { workspace } from 'vscode';
import { COLOUR_MAPS, type ColourMapName } from '../shared/colourMaps';

/** How heat maps are drawn where nobody chose otherwise: the settings of VS Code. */
export function displayDefaults(): { readonly colourMap: ColourMapName; readonly opacity: number } {
  const configuration = workspace.getConfiguration('layerglass');
  const wanted = configuration.get<string>('colourMap');
  const opacity = configuration.get<number>('opacity') ?? 0.5;
  return {
    colourMap: COLOUR_MAPS.find((name) => name === wanted) ?? 'turbo',
    opacity: Math.min(1, Math.max(0, opacity)),
  };
}
