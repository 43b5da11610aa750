"""A model that is not quite the one of the file, and one that Keras refuses."""

import keras
from keras import layers

image = keras.Input((8, 8, 1), name="image")
x = layers.Rescaling(1 / 255, name="scale")(image)
x = layers.Conv2D(16, 3, activation="relu", name="conv")(x)
x = layers.GlobalMaxPooling2D(name="pool")(x)
x = layers.Dropout(0.2, name="dropout")(x)
x = layers.Dense(3, activation="softmax", name="shape")(x)
model = keras.Model(image, x)
model.save("shapes/shapes.keras")


def block(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    return layers.MaxPooling2D()(x)


y = image
for filters in (16, 32, 64):
    y = block(y, filters)
y = layers.Conv2D(128, 3)(y)
y = layers.GlobalAveragePooling2D()(y)
deep = keras.Model(image, layers.Dense(3)(y))
