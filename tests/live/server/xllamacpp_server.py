"""llama.cpp's own server with one GGUF file: xllamacpp_server.py MODEL PORT"""

import sys
import time

import xllamacpp

model, port = sys.argv[1], int(sys.argv[2])
params = xllamacpp.CommonParams()
params.model.path = model
params.port = port
params.n_ctx = 2048
params.n_parallel = 1
params.n_gpu_layers = 0
params.use_jinja = True
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)  # serves until it is collected
while True:
    time.sleep(1)
