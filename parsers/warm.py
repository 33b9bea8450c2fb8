"""What nearly every file needs, imported once by the server that reading processes are forked from.

A process that imports it itself spends as long on that as on reading a hundred documents, and is renewed
after as many. The recogniser's models are loaded where there is a picture, once a process.
"""

import os

from parsers.confined import ONE_THREAD

os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # read once, when the libraries below are loaded

import gc  # after the limits on threads

from PIL import Image

import parsers.containers.archive
import parsers.office.word
import parsers.pdf  # noqa: F401 -- for whoever is forked from here

Image.preinit()
gc.collect()
gc.freeze()  # what is here stays: nobody forked from here need look through it
