"""The beginning of scripts that open an engine's database as the engine does.

The first argument is the folder of the database, the second its address.
"""

CONNECT = """
import sys
from pathlib import Path
import jpype
from cerberus.engine.install.install import require_installed
from cerberus.engine.jvm.database import settle_database
from cerberus.engine.jvm.machine import library
from cerberus.settings import EngineSettings, Paths, load
folder = Path(sys.argv[1])
jars = [str(jar) for jar in require_installed(load(Paths), load(EngineSettings)).class_path]
flag = "--enable-native-access=ALL-UNNAMED"
jpype.startJVM(str(library()), flag, classpath=jars, convertStrings=True)
properties = jpype.JClass("java.util.Properties")()
properties.setProperty("user", "kestra")
properties.setProperty("password", "")
url = sys.argv[2]
def connect():
    return jpype.JClass("org.h2.Driver")().connect(url, properties)
"""
