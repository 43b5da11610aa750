import { steps } from '../arithmetic/formulaSteps';
import { formula } from '../compound';
import { expandDims, reshape } from '../manipulation/reshaping';
import { type Operation, operandAt } from '../operation';
import { type ChannelsFirst, onChannelsLastBatches } from './layout';
import { homography, projective, type Warp } from './warping';

/** `keras.ops.image.affine_transform`: operands images and transforms [8] or [batch, 8]. */
export const affine = (warp: Warp, isFirst: ChannelsFirst): Operation =>
  onChannelsLastBatches(projective(warp), isFirst, [withRank(2)]);

/** `keras.ops.image.perspective_transform`: operands images, start points and end points, [4, 2] or [batch, 4, 2]. */
export const perspective = (warp: Warp, isFirst: ChannelsFirst): Operation =>
  onChannelsLastBatches(
    formula((apply, operands) => {
      const { of } = steps(apply);
      const [images, start, end] = [operandAt(operands, 0), operandAt(operands, 1), operandAt(operands, 2)];
      return of(projective(warp), images, of(homography(), start, end));
    }),
    isFirst,
    [withRank(3), withRank(3)],
  );

/** Adds a leading axis of size 1 if the rank is one too low. */
const withRank = (rank: number): Operation =>
  formula((apply, operands) => {
    const x = operandAt(operands, 0);
    return apply(x.shape.length < rank ? expandDims([0]) : reshape(x.shape), x)[0];
  });
